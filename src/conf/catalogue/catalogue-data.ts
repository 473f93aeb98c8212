// Made by scripts/catalogue/generate.js. Do not edit.

import type { PgMajorSpan } from '../../version.ts';

/** The categories of pg_settings. A line of `settingRows` has the index of its category in this list. */
export const categories: readonly string[] = [
  'Autovacuum',
  'Client Connection Defaults / Locale and Formatting',
  'Client Connection Defaults / Other Defaults',
  'Client Connection Defaults / Shared Library Preloading',
  'Client Connection Defaults / Statement Behavior',
  'Connections and Authentication / Authentication',
  'Connections and Authentication / Connection Settings',
  'Connections and Authentication / SSL',
  'Connections and Authentication / Security and Authentication',
  'Connections and Authentication / TCP Settings',
  'Developer Options',
  'Error Handling',
  'File Locations',
  'Lock Management',
  'Preset Options',
  'Process Title',
  'Query Tuning / Genetic Query Optimizer',
  'Query Tuning / Other Planner Options',
  'Query Tuning / Planner Cost Constants',
  'Query Tuning / Planner Method Configuration',
  'Replication',
  'Replication / Master Server',
  'Replication / Primary Server',
  'Replication / Sending Servers',
  'Replication / Standby Servers',
  'Replication / Subscribers',
  'Reporting and Logging / Process Title',
  'Reporting and Logging / What to Log',
  'Reporting and Logging / When to Log',
  'Reporting and Logging / Where to Log',
  'Resource Usage / Asynchronous Behavior',
  'Resource Usage / Background Writer',
  'Resource Usage / Cost-Based Vacuum Delay',
  'Resource Usage / Disk',
  'Resource Usage / I/O',
  'Resource Usage / Kernel Resources',
  'Resource Usage / Memory',
  'Resource Usage / Time',
  'Resource Usage / Worker Processes',
  'Statistics / Cumulative Query and Index Statistics',
  'Statistics / Monitoring',
  'Statistics / Query and Index Statistics Collector',
  'Ungrouped',
  'Vacuuming / Automatic Vacuuming',
  'Vacuuming / Cost-Based Vacuum Delay',
  'Vacuuming / Default Behavior',
  'Vacuuming / Freezing',
  'Version and Platform Compatibility / Other Platforms and Clients',
  'Version and Platform Compatibility / Previous PostgreSQL Versions',
  'Write-Ahead Log / Archive Recovery',
  'Write-Ahead Log / Archiving',
  'Write-Ahead Log / Checkpoints',
  'Write-Ahead Log / Recovery',
  'Write-Ahead Log / Recovery Target',
  'Write-Ahead Log / Settings',
  'Write-Ahead Log / Summarization',
];

/**
 * The settings, one line for each setting and span of major versions with the same definition. The fields of a line are
 * separated by `|`: name, first and last major version, type, flags, unit, context, index of the category, minimum,
 * maximum, words, hidden words, words of other builds, default (`~` if there is none). The flags are: `q` for a list
 * whose elements ALTER SYSTEM quotes, `n` for a value that is cut to the length of a name, `d` for a setting that a
 * file cannot set, `h` for a setting that the view does not show.
 */
export const settingRows: string = `
DateStyle|9.6-19|list|||user|1||||||ISO, MDY
IntervalStyle|9.6-19|enum|||user|1|||postgres,postgres_verbose,sql_standard,iso_8601|||postgres
TimeZone|9.6-19|string|||user|1||||||GMT
allow_alter_system|17-19|bool|||sighup|47||||||on
allow_in_place_tablespaces|10-19|bool|||superuser|10||||||off
allow_system_table_mods|9.6-12|bool|||postmaster|10||||||off
allow_system_table_mods|13-19|bool|||superuser|10||||||off
application_name|9.6-19|string|n||user|27||||||
archive_cleanup_command|12-19|string|||sighup|49||||||
archive_command|9.6-19|string|||sighup|50||||||
archive_library|15-19|string|||sighup|50||||||
archive_mode|9.6-19|enum|||postmaster|50|||always,on,off|true,false,yes,no,1,0||off
archive_timeout|9.6-19|integer||s|sighup|50|0|1073741823||||0
array_nulls|9.6-19|bool|||user|48||||||on
authentication_timeout|9.6-10|integer||s|sighup|8|1|600||||60
authentication_timeout|11-19|integer||s|sighup|5|1|600||||60
autovacuum|9.6-17|bool|||sighup|0||||||on
autovacuum|18-19|bool|||sighup|43||||||on
autovacuum_analyze_scale_factor|9.6-17|real|||sighup|0|0|100||||0.1
autovacuum_analyze_scale_factor|18-19|real|||sighup|43|0|100||||0.1
autovacuum_analyze_score_weight|19|real|||sighup|43|0|10||||1
autovacuum_analyze_threshold|9.6-17|integer|||sighup|0|0|2147483647||||50
autovacuum_analyze_threshold|18-19|integer|||sighup|43|0|2147483647||||50
autovacuum_freeze_max_age|9.6-17|integer|||postmaster|0|100000|2000000000||||200000000
autovacuum_freeze_max_age|18-19|integer|||postmaster|43|100000|2000000000||||200000000
autovacuum_freeze_score_weight|19|real|||sighup|43|0|10||||1
autovacuum_max_parallel_workers|19|integer|||sighup|43|0|1024||||0
autovacuum_max_workers|9.6-17|integer|||postmaster|0|1|262143||||3
autovacuum_max_workers|18-19|integer|||sighup|43|1|262143||||3
autovacuum_multixact_freeze_max_age|9.6-17|integer|||postmaster|0|10000|2000000000||||400000000
autovacuum_multixact_freeze_max_age|18-19|integer|||postmaster|43|10000|2000000000||||400000000
autovacuum_multixact_freeze_score_weight|19|real|||sighup|43|0|10||||1
autovacuum_naptime|9.6-17|integer||s|sighup|0|1|2147483||||60
autovacuum_naptime|18-19|integer||s|sighup|43|1|2147483||||60
autovacuum_vacuum_cost_delay|9.6-11|integer||ms|sighup|0|-1|100||||20
autovacuum_vacuum_cost_delay|12-17|real||ms|sighup|0|-1|100||||2
autovacuum_vacuum_cost_delay|18-19|real||ms|sighup|43|-1|100||||2
autovacuum_vacuum_cost_limit|9.6-17|integer|||sighup|0|-1|10000||||-1
autovacuum_vacuum_cost_limit|18-19|integer|||sighup|43|-1|10000||||-1
autovacuum_vacuum_insert_scale_factor|13-17|real|||sighup|0|0|100||||0.2
autovacuum_vacuum_insert_scale_factor|18-19|real|||sighup|43|0|100||||0.2
autovacuum_vacuum_insert_score_weight|19|real|||sighup|43|0|10||||1
autovacuum_vacuum_insert_threshold|13-17|integer|||sighup|0|-1|2147483647||||1000
autovacuum_vacuum_insert_threshold|18-19|integer|||sighup|43|-1|2147483647||||1000
autovacuum_vacuum_max_threshold|18-19|integer|||sighup|43|-1|2147483647||||100000000
autovacuum_vacuum_scale_factor|9.6-17|real|||sighup|0|0|100||||0.2
autovacuum_vacuum_scale_factor|18-19|real|||sighup|43|0|100||||0.2
autovacuum_vacuum_score_weight|19|real|||sighup|43|0|10||||1
autovacuum_vacuum_threshold|9.6-17|integer|||sighup|0|0|2147483647||||50
autovacuum_vacuum_threshold|18-19|integer|||sighup|43|0|2147483647||||50
autovacuum_work_mem|9.6-19|integer||kB|sighup|36|-1|2147483647||||-1
autovacuum_worker_slots|18-19|integer|||postmaster|43|1|262143||||16
backend_flush_after|9.6-17|integer||8kB|user|30|0|256||||0
backend_flush_after|18-19|integer||8kB|user|34|0|256||||0
backslash_quote|9.6-19|enum|||user|48|||safe_encoding,on,off|true,false,yes,no,1,0||safe_encoding
backtrace_functions|13-19|string|||superuser|10||||||
bgwriter_delay|9.6-19|integer||ms|sighup|31|10|10000||||200
bgwriter_flush_after|9.6-19|integer||8kB|sighup|31|0|256||||64
bgwriter_lru_maxpages|9.6|integer|||sighup|31|0|1000||||100
bgwriter_lru_maxpages|10-19|integer|||sighup|31|0|1073741823||||100
bgwriter_lru_multiplier|9.6-19|real|||sighup|31|0|10||||2
block_size|9.6-19|integer|d||internal|14|8192|8192||||8192
bonjour|9.6-19|bool|||postmaster|6||||||off
bonjour_name|9.6-19|string|||postmaster|6||||||
bytea_output|9.6-19|enum|||user|4|||escape,hex|||hex
check_function_bodies|9.6-19|bool|||user|4||||||on
checkpoint_completion_target|9.6-13|real|||sighup|51|0|1||||0.5
checkpoint_completion_target|14-19|real|||sighup|51|0|1||||0.9
checkpoint_flush_after|9.6-19|integer||8kB|sighup|51|0|256||||32
checkpoint_timeout|9.6-19|integer||s|sighup|51|30|86400||||300
checkpoint_warning|9.6-19|integer||s|sighup|51|0|2147483647||||30
client_connection_check_interval|14-15|integer||ms|user|6|0|2147483647||||0
client_connection_check_interval|16-19|integer||ms|user|9|0|2147483647||||0
client_encoding|9.6-19|string|n||user|1||||||SQL_ASCII
client_min_messages|9.6-11|enum|||user|4|||debug5,debug4,debug3,debug2,debug1,log,notice,warning,error|debug,info,fatal,panic||notice
client_min_messages|12-19|enum|||user|4|||debug5,debug4,debug3,debug2,debug1,log,notice,warning,error|debug,info||notice
cluster_name|9.6-13|string|n||postmaster|15||||||
cluster_name|14-19|string|n||postmaster|26||||||
commit_delay|9.6-19|integer|||superuser|54|0|100000||||0
commit_siblings|9.6-19|integer|||user|54|0|1000||||5
commit_timestamp_buffers|17-19|integer||8kB|postmaster|36|0|131072||||0
compute_query_id|14-19|enum|||superuser|40|||auto,regress,on,off|true,false,yes,no,1,0||auto
config_file|9.6-19|string|d||postmaster|12||||||~
constraint_exclusion|9.6-19|enum|||user|17|||partition,on,off|true,false,yes,no,1,0||partition
cpu_index_tuple_cost|9.6-19|real|||user|18|0|1.7976931348623157e+308||||0.005
cpu_operator_cost|9.6-19|real|||user|18|0|1.7976931348623157e+308||||0.0025
cpu_tuple_cost|9.6-19|real|||user|18|0|1.7976931348623157e+308||||0.01
createrole_self_grant|16-19|list|||user|4||||||
cursor_tuple_fraction|9.6-19|real|||user|17|0|1||||0.1
data_checksums|9.6-19|bool|d||internal|14||||||off
data_directory|9.6-19|string|||postmaster|12||||||~
data_directory_mode|11-19|integer|d||internal|14|0|511||||448
data_sync_retry|9.6-19|bool|||postmaster|11||||||off
db_user_namespace|9.6-10|bool|||sighup|8||||||off
db_user_namespace|11-16|bool|||sighup|5||||||off
deadlock_timeout|9.6-19|integer||ms|superuser|13|1|2147483647||||1000
debug_assertions|9.6-19|bool|d||internal|14||||||off
debug_discard_caches|14-19|integer|||superuser|10|0|0||||0
debug_exec_backend|19|bool|d||internal|14||||||off
debug_io_direct|16-19|list|||postmaster|10||||||
debug_logical_replication_streaming|16-19|enum|||user|10|||buffered,immediate|||buffered
debug_parallel_query|16-19|enum|||user|10|||off,on,regress|true,false,yes,no,1,0||off
debug_pretty_print|9.6-19|bool|||user|27||||||on
debug_print_parse|9.6-19|bool|||user|27||||||off
debug_print_plan|9.6-19|bool|||user|27||||||off
debug_print_raw_parse|19|bool|||user|27||||||off
debug_print_rewritten|9.6-19|bool|||user|27||||||off
default_statistics_target|9.6-19|integer|||user|17|1|10000||||100
default_table_access_method|12-19|string|n||user|4||||||heap
default_tablespace|9.6-19|string|n||user|4||||||
default_text_search_config|9.6-19|string|||user|1||||||pg_catalog.simple
default_toast_compression|14-19|enum|||user|4|||pglz||lz4|pglz
default_transaction_deferrable|9.6-19|bool|||user|4||||||off
default_transaction_isolation|9.6-19|enum|||user|4|||serializable,repeatable read,read committed,read uncommitted|||read committed
default_transaction_read_only|9.6-19|bool|||user|4||||||off
default_with_oids|9.6-11|bool|||user|48||||||off
default_with_oids|12-19|bool|h||user|48||||||off
dynamic_library_path|9.6-19|string|||superuser|2||||||$libdir
dynamic_shared_memory_type|9.6-11|enum|||postmaster|36|||posix,sysv,mmap,none||windows|posix
dynamic_shared_memory_type|12-19|enum|||postmaster|36|||posix,sysv,mmap||windows|posix
effective_cache_size|9.6-19|integer||8kB|user|18|1|2147483647||||524288
effective_io_concurrency|9.6-17|integer|||user|30|0|1000||||1
effective_io_concurrency|18-19|integer|||user|34|0|1000||||16
effective_wal_level|19|enum|d||internal|14|||minimal,replica,logical|archive,hot_standby||replica
enable_async_append|14-19|bool|||user|19||||||on
enable_bitmapscan|9.6-19|bool|||user|19||||||on
enable_distinct_reordering|18-19|bool|||user|19||||||on
enable_eager_aggregate|19|bool|||user|19||||||on
enable_gathermerge|10-19|bool|||user|19||||||on
enable_group_by_reordering|17-19|bool|||user|19||||||on
enable_hashagg|9.6-19|bool|||user|19||||||on
enable_hashjoin|9.6-19|bool|||user|19||||||on
enable_incremental_sort|13-19|bool|||user|19||||||on
enable_indexonlyscan|9.6-19|bool|||user|19||||||on
enable_indexscan|9.6-19|bool|||user|19||||||on
enable_material|9.6-19|bool|||user|19||||||on
enable_memoize|14-19|bool|||user|19||||||on
enable_mergejoin|9.6-19|bool|||user|19||||||on
enable_nestloop|9.6-19|bool|||user|19||||||on
enable_parallel_append|11-19|bool|||user|19||||||on
enable_parallel_hash|11-19|bool|||user|19||||||on
enable_partition_pruning|11-19|bool|||user|19||||||on
enable_partitionwise_aggregate|11-19|bool|||user|19||||||off
enable_partitionwise_join|11-19|bool|||user|19||||||off
enable_presorted_aggregate|16-19|bool|||user|19||||||on
enable_self_join_elimination|18-19|bool|||user|19||||||on
enable_seqscan|9.6-19|bool|||user|19||||||on
enable_sort|9.6-19|bool|||user|19||||||on
enable_tidscan|9.6-19|bool|||user|19||||||on
escape_string_warning|9.6-18|bool|||user|48||||||on
event_source|9.6-19|string|||postmaster|29||||||PostgreSQL
event_triggers|17-19|bool|||superuser|4||||||on
exit_on_error|9.6-19|bool|||user|11||||||off
extension_control_path|18-19|string|||superuser|2||||||$system
external_pid_file|9.6-19|string|||postmaster|12||||||~
extra_float_digits|9.6-11|integer|||user|1|-15|3||||0
extra_float_digits|12-19|integer|||user|1|-15|3||||1
file_copy_method|18-19|enum|||user|33|||copy,clone|||copy
file_extend_method|16-19|enum|||sighup|33|||posix_fallocate,write_zeros|||posix_fallocate
force_parallel_mode|9.6-13|enum|||user|17|||off,on,regress|true,false,yes,no,1,0||off
force_parallel_mode|14-15|enum|||user|10|||off,on,regress|true,false,yes,no,1,0||off
from_collapse_limit|9.6-19|integer|||user|17|1|2147483647||||8
fsync|9.6-19|bool|||sighup|54||||||on
full_page_writes|9.6-19|bool|||sighup|54||||||on
geqo|9.6-19|bool|||user|16||||||on
geqo_effort|9.6-19|integer|||user|16|1|10||||5
geqo_generations|9.6-19|integer|||user|16|0|2147483647||||0
geqo_pool_size|9.6-19|integer|||user|16|0|2147483647||||0
geqo_seed|9.6-19|real|||user|16|0|1||||0
geqo_selection_bias|9.6-19|real|||user|16|1.5|2||||2
geqo_threshold|9.6-19|integer|||user|16|2|2147483647||||12
gin_fuzzy_search_limit|9.6-19|integer|||user|2|0|2147483647||||0
gin_pending_list_limit|9.6-19|integer||kB|user|4|64|2147483647||||4096
gss_accept_delegation|16-19|bool|||sighup|5||||||off
hash_mem_multiplier|13-14|real|||user|36|1|1000||||1
hash_mem_multiplier|15-19|real|||user|36|1|1000||||2
hba_file|9.6-19|string|||postmaster|12||||||~
hosts_file|19|string|||postmaster|12||||||~
hot_standby|9.6|bool|||postmaster|24||||||off
hot_standby|10-19|bool|||postmaster|24||||||on
hot_standby_feedback|9.6-19|bool|||sighup|24||||||off
huge_page_size|14-19|integer||kB|postmaster|36|0|2147483647||||0
huge_pages|9.6-19|enum|||postmaster|36|||off,on,try|true,false,yes,no,1,0||try
huge_pages_status|17-19|enum|d||internal|14|||off,on,unknown|||unknown
icu_validation_level|16-19|enum|||user|1|||disabled,debug5,debug4,debug3,debug2,debug1,log,notice,warning,error|debug,info||warning
ident_file|9.6-19|string|||postmaster|12||||||~
idle_in_transaction_session_timeout|9.6-19|integer||ms|user|4|0|2147483647||||0
idle_replication_slot_timeout|18-19|integer||s|sighup|23|0|2147483647||||0
idle_session_timeout|14-19|integer||ms|user|4|0|2147483647||||0
ignore_checksum_failure|9.6-19|bool|||superuser|10||||||off
ignore_invalid_pages|13-19|bool|||postmaster|10||||||off
ignore_system_indexes|9.6-19|bool|||backend|10||||||off
in_hot_standby|14-19|bool|d||internal|14||||||off
integer_datetimes|9.6-19|bool|d||internal|14||||||on
io_combine_limit|17|integer||8kB|user|30|1|32||||16
io_combine_limit|18-19|integer||8kB|user|34|1|128||||16
io_max_combine_limit|18-19|integer||8kB|postmaster|34|1|128||||16
io_max_concurrency|18-19|integer|||postmaster|34|-1|1024||||-1
io_max_workers|19|integer|||sighup|34|1|32||||8
io_method|18-19|enum|||postmaster|34|||sync,worker||io_uring|worker
io_min_workers|19|integer|||sighup|34|1|32||||2
io_worker_idle_timeout|19|integer||ms|sighup|34|0|2147483647||||60000
io_worker_launch_interval|19|integer||ms|sighup|34|0|2147483647||||100
io_workers|18|integer|||sighup|34|1|32||||3
is_superuser|9.6-19|bool|dh||internal|42||||||off
jit|11|bool|||user|17||||||off
jit|12-18|bool|||user|17||||||on
jit|19|bool|||user|17||||||off
jit_above_cost|11-19|real|||user|18|-1|1.7976931348623157e+308||||100000
jit_debugging_support|11-19|bool|||superuser-backend|10||||||off
jit_dump_bitcode|11-19|bool|||superuser|10||||||off
jit_expressions|11-19|bool|||user|10||||||on
jit_inline_above_cost|11-19|real|||user|18|-1|1.7976931348623157e+308||||500000
jit_optimize_above_cost|11-19|real|||user|18|-1|1.7976931348623157e+308||||500000
jit_profiling_support|11-19|bool|||superuser-backend|10||||||off
jit_provider|11-19|string|||postmaster|3||||||llvmjit
jit_tuple_deforming|11-19|bool|||user|10||||||on
join_collapse_limit|9.6-19|integer|||user|17|1|2147483647||||8
krb_caseins_users|9.6-10|bool|||sighup|8||||||off
krb_caseins_users|11-19|bool|||sighup|5||||||off
krb_server_keyfile|9.6-10|string|||sighup|8||||||~
krb_server_keyfile|11-19|string|||sighup|5||||||~
lc_collate|9.6-13|string|d||internal|1||||||C
lc_collate|14-15|string|d||internal|14||||||C
lc_ctype|9.6-13|string|d||internal|1||||||C
lc_ctype|14-15|string|d||internal|14||||||C
lc_messages|9.6-19|string|||superuser|1||||||
lc_monetary|9.6-19|string|||user|1||||||C
lc_numeric|9.6-19|string|||user|1||||||C
lc_time|9.6-19|string|||user|1||||||C
listen_addresses|9.6-19|list|||postmaster|6||||||localhost
lo_compat_privileges|9.6-19|bool|||superuser|48||||||off
local_preload_libraries|9.6-19|list|q||user|3||||||
lock_timeout|9.6-19|integer||ms|user|4|0|2147483647||||0
log_autoanalyze_min_duration|19|integer||ms|sighup|27|-1|2147483647||||600000
log_autovacuum_min_duration|9.6-14|integer||ms|sighup|27|-1|2147483647||||-1
log_autovacuum_min_duration|15-19|integer||ms|sighup|27|-1|2147483647||||600000
log_checkpoints|9.6-14|bool|||sighup|27||||||off
log_checkpoints|15-19|bool|||sighup|27||||||on
log_connections|9.6-17|bool|||superuser-backend|27||||||off
log_connections|18-19|list|||superuser-backend|27||||||
log_destination|9.6-19|list|||sighup|29||||||stderr
log_directory|9.6|string|||sighup|29||||||pg_log
log_directory|10-19|string|||sighup|29||||||log
log_disconnections|9.6-19|bool|||superuser-backend|27||||||off
log_duration|9.6-19|bool|||superuser|27||||||off
log_error_verbosity|9.6-19|enum|||superuser|27|||terse,default,verbose|||default
log_executor_stats|9.6-19|bool|||superuser|40||||||off
log_file_mode|9.6-19|integer|||sighup|29|0|511||||384
log_filename|9.6-19|string|||sighup|29||||||postgresql-%Y-%m-%d_%H%M%S.log
log_hostname|9.6-19|bool|||sighup|27||||||off
log_line_prefix|9.6|string|||sighup|27||||||
log_line_prefix|10-19|string|||sighup|27||||||%m [%p] 
log_lock_failures|18-19|bool|||superuser|27||||||off
log_lock_waits|9.6-18|bool|||superuser|27||||||off
log_lock_waits|19|bool|||superuser|27||||||on
log_min_duration_sample|13-19|integer||ms|superuser|28|-1|2147483647||||-1
log_min_duration_statement|9.6-19|integer||ms|superuser|28|-1|2147483647||||-1
log_min_error_statement|9.6-19|enum|||superuser|28|||debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic|debug||error
log_min_messages|9.6-18|enum|||superuser|28|||debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic|debug||warning
log_min_messages|19|list|||superuser|28||||||warning
log_parameter_max_length|13-19|integer||B|superuser|27|-1|1073741823||||-1
log_parameter_max_length_on_error|13-19|integer||B|user|27|-1|1073741823||||0
log_parser_stats|9.6-19|bool|||superuser|40||||||off
log_planner_stats|9.6-19|bool|||superuser|40||||||off
log_recovery_conflict_waits|14-19|bool|||sighup|27||||||off
log_replication_commands|9.6-19|bool|||superuser|27||||||off
log_rotation_age|9.6-19|integer||min|sighup|29|0|35791394||||1440
log_rotation_size|9.6-17|integer||kB|sighup|29|0|2097151||||10240
log_rotation_size|18-19|integer||kB|sighup|29|0|2147483647||||10240
log_startup_progress_interval|15-19|integer||ms|sighup|28|0|2147483647||||10000
log_statement|9.6-19|enum|||superuser|27|||none,ddl,mod,all|||none
log_statement_sample_rate|13-19|real|||superuser|28|0|1||||1
log_statement_stats|9.6-19|bool|||superuser|40||||||off
log_temp_files|9.6-19|integer||kB|superuser|27|-1|2147483647||||-1
log_timezone|9.6-19|string|||sighup|27||||||GMT
log_transaction_sample_rate|12-19|real|||superuser|28|0|1||||0
log_truncate_on_rotation|9.6-19|bool|||sighup|29||||||off
logging_collector|9.6-19|bool|||postmaster|29||||||off
logical_decoding_work_mem|13-19|integer||kB|user|36|64|2147483647||||65536
maintenance_io_concurrency|13-17|integer|||user|30|0|1000||||10
maintenance_io_concurrency|18-19|integer|||user|34|0|1000||||16
maintenance_work_mem|9.6-16|integer||kB|user|36|1024|2147483647||||65536
maintenance_work_mem|17-19|integer||kB|user|36|64|2147483647||||65536
max_active_replication_origins|18-19|integer|||postmaster|25|0|262143||||10
max_connections|9.6-19|integer|||postmaster|6|1|262143||||100
max_files_per_process|9.6-12|integer|||postmaster|35|25|2147483647||||1000
max_files_per_process|13-19|integer|||postmaster|35|64|2147483647||||1000
max_function_args|9.6-19|integer|d||internal|14|100|100||||100
max_identifier_length|9.6-19|integer|d||internal|14|63|63||||63
max_index_keys|9.6-19|integer|d||internal|14|32|32||||32
max_locks_per_transaction|9.6-18|integer|||postmaster|13|10|2147483647||||64
max_locks_per_transaction|19|integer|||postmaster|13|10|2147483647||||128
max_logical_replication_workers|10-19|integer|||postmaster|25|0|262143||||4
max_notify_queue_pages|17-19|integer|||postmaster|33|64|2147483647||||1048576
max_parallel_apply_workers_per_subscription|16-19|integer|||sighup|25|0|1024||||2
max_parallel_maintenance_workers|11-17|integer|||user|30|0|1024||||2
max_parallel_maintenance_workers|18-19|integer|||user|38|0|1024||||2
max_parallel_workers|10-17|integer|||user|30|0|1024||||8
max_parallel_workers|18-19|integer|||user|38|0|1024||||8
max_parallel_workers_per_gather|9.6|integer|||user|30|0|1024||||0
max_parallel_workers_per_gather|10-17|integer|||user|30|0|1024||||2
max_parallel_workers_per_gather|18-19|integer|||user|38|0|1024||||2
max_pred_locks_per_page|10-19|integer|||sighup|13|0|2147483647||||2
max_pred_locks_per_relation|10-19|integer|||sighup|13|-2147483648|2147483647||||-2
max_pred_locks_per_transaction|9.6-19|integer|||postmaster|13|10|2147483647||||64
max_prepared_transactions|9.6-19|integer|||postmaster|36|0|262143||||0
max_repack_replication_slots|19|integer|||postmaster|23|0|262143||||5
max_replication_slots|9.6|integer|||postmaster|23|0|262143||||0
max_replication_slots|10-19|integer|||postmaster|23|0|262143||||10
max_slot_wal_keep_size|13-19|integer||MB|sighup|23|-1|2147483647||||-1
max_stack_depth|9.6-19|integer||kB|superuser|36|100|2147483647||||100
max_standby_archive_delay|9.6-19|integer||ms|sighup|24|-1|2147483647||||30000
max_standby_streaming_delay|9.6-19|integer||ms|sighup|24|-1|2147483647||||30000
max_sync_workers_per_subscription|10-19|integer|||sighup|25|0|262143||||2
max_wal_senders|9.6|integer|||postmaster|23|0|262143||||0
max_wal_senders|10-19|integer|||postmaster|23|0|262143||||10
max_wal_size|9.6|integer||16MB|sighup|51|2|2147483647||||64
max_wal_size|10-19|integer||MB|sighup|51|2|2147483647||||1024
max_worker_processes|9.6-17|integer|||postmaster|30|0|262143||||8
max_worker_processes|18-19|integer|||postmaster|38|0|262143||||8
md5_password_warnings|18-19|bool|||user|5||||||on
min_dynamic_shared_memory|14-19|integer||MB|postmaster|36|0|2147483647||||0
min_eager_agg_group_size|19|real|||user|18|0|1.7976931348623157e+308||||8
min_parallel_index_scan_size|10-19|integer||8kB|user|18|0|715827882||||64
min_parallel_relation_size|9.6|integer||8kB|user|18|0|715827882||||1024
min_parallel_table_scan_size|10-19|integer||8kB|user|18|0|715827882||||1024
min_wal_size|9.6|integer||16MB|sighup|51|2|2147483647||||5
min_wal_size|10-19|integer||MB|sighup|51|2|2147483647||||80
multixact_member_buffers|17-19|integer||8kB|postmaster|36|16|131072||||32
multixact_offset_buffers|17-19|integer||8kB|postmaster|36|16|131072||||16
notify_buffers|17-19|integer||8kB|postmaster|36|16|131072||||16
num_os_semaphores|18-19|integer|d||internal|14|0|2147483647||||0
oauth_validator_libraries|18-19|list|q||sighup|5||||||
old_snapshot_threshold|9.6-16|integer||min|postmaster|30|-1|86400||||-1
operator_precedence_warning|9.6-13|bool|||user|48||||||off
output_plugin_libraries|19|string|||superuser|23||||||pgoutput, test_decoding
parallel_leader_participation|11-17|bool|||user|30||||||on
parallel_leader_participation|18-19|bool|||user|38||||||on
parallel_setup_cost|9.6-19|real|||user|18|0|1.7976931348623157e+308||||1000
parallel_tuple_cost|9.6-19|real|||user|18|0|1.7976931348623157e+308||||0.1
password_encryption|9.6|bool|||user|8||||||on
password_encryption|10|enum|||user|8|||md5,scram-sha-256|on,true,yes,1||md5
password_encryption|11-13|enum|||user|5|||md5,scram-sha-256|on,true,yes,1||md5
password_encryption|14-19|enum|||user|5|||md5,scram-sha-256|||scram-sha-256
password_expiration_warning_threshold|19|integer||s|sighup|5|0|2147483647||||604800
plan_cache_mode|12-19|enum|||user|17|||auto,force_generic_plan,force_custom_plan|||auto
port|9.6-19|integer|||postmaster|6|1|65535||||5432
post_auth_delay|9.6-19|integer||s|backend|10|0|2147||||0
pre_auth_delay|9.6-19|integer||s|sighup|10|0|60||||0
primary_conninfo|12|string|||postmaster|24||||||
primary_conninfo|13-19|string|||sighup|24||||||
primary_slot_name|12|string|||postmaster|24||||||
primary_slot_name|13-19|string|||sighup|24||||||
promote_trigger_file|12-15|string|||sighup|24||||||
quote_all_identifiers|9.6-19|bool|||user|48||||||off
random_page_cost|9.6-19|real|||user|18|0|1.7976931348623157e+308||||4
recovery_end_command|12-19|string|||sighup|49||||||
recovery_init_sync_method|14-19|enum|||sighup|11|||fsync,syncfs|||fsync
recovery_min_apply_delay|12-19|integer||ms|sighup|24|0|2147483647||||0
recovery_prefetch|15-19|enum|||sighup|52|||off,on,try|true,false,yes,no,1,0||try
recovery_target|12-19|string|||postmaster|53||||||
recovery_target_action|12-19|enum|||postmaster|53|||pause,promote,shutdown|||pause
recovery_target_inclusive|12-19|bool|||postmaster|53||||||on
recovery_target_lsn|12-19|string|||postmaster|53||||||
recovery_target_name|12-19|string|||postmaster|53||||||
recovery_target_time|12-19|string|||postmaster|53||||||
recovery_target_timeline|12-19|string|||postmaster|53||||||latest
recovery_target_xid|12-19|string|||postmaster|53||||||
recursive_worktable_factor|15-19|real|||user|17|0.001|1e+06||||10
remove_temp_files_after_crash|14-19|bool|||sighup|10||||||on
replacement_sort_tuples|9.6-10|integer|||user|36|0|2147483647||||150000
reserved_connections|16-19|integer|||postmaster|6|0|262143||||0
restart_after_crash|9.6-19|bool|||sighup|11||||||on
restore_command|12-13|string|||postmaster|49||||||
restore_command|14-19|string|||sighup|49||||||
restrict_nonsystem_relation_kind|12-19|list|||user|4||||||
role|9.6-19|string|ndh||user|42||||||none
row_security|9.6-10|bool|||user|8||||||on
row_security|11-19|bool|||user|4||||||on
scram_iterations|16-19|integer|||user|5|1|2147483647||||4096
search_path|9.6-19|list|q||user|4||||||"$user", public
seed|9.6-19|real|dh||user|42|-1|1||||0
segment_size|9.6-19|integer|d|8kB|internal|14|131072|131072||||131072
send_abort_for_crash|16-19|bool|||sighup|10||||||off
send_abort_for_kill|16-19|bool|||sighup|10||||||off
seq_page_cost|9.6-19|real|||user|18|0|1.7976931348623157e+308||||1
serializable_buffers|17-19|integer||8kB|postmaster|36|16|131072||||32
server_encoding|9.6-13|string|nd||internal|1||||||SQL_ASCII
server_encoding|14-19|string|nd||internal|14||||||SQL_ASCII
server_version|9.6-19|string|d||internal|14||||||~
server_version_num|9.6-19|integer|d||internal|14||||||~
session_authorization|9.6-19|string|ndh||user|42||||||~
session_preload_libraries|9.6-19|list|q||superuser|3||||||
session_replication_role|9.6-19|enum|||superuser|4|||origin,replica,local|||origin
shared_buffers|9.6-14|integer||8kB|postmaster|36|16|1073741823||||1024
shared_buffers|15-19|integer||8kB|postmaster|36|16|1073741823||||16384
shared_memory_size|15-19|integer|d|MB|internal|14|0|2147483647||||0
shared_memory_size_in_huge_pages|15-19|integer|d||internal|14|-1|2147483647||||-1
shared_memory_type|12-19|enum|||postmaster|36|||sysv,mmap||windows|mmap
shared_preload_libraries|9.6-19|list|q||postmaster|3||||||
sql_inheritance|9.6|bool|||user|48||||||on
ssl|9.6|bool|||postmaster|8||||||off
ssl|10|bool|||sighup|8||||||off
ssl|11-19|bool|||sighup|7||||||off
ssl_ca_file|9.6|string|||postmaster|8||||||
ssl_ca_file|10|string|||sighup|8||||||
ssl_ca_file|11-19|string|||sighup|7||||||
ssl_cert_file|9.6|string|||postmaster|8||||||server.crt
ssl_cert_file|10|string|||sighup|8||||||server.crt
ssl_cert_file|11-19|string|||sighup|7||||||server.crt
ssl_ciphers|9.6|string|||postmaster|8||||||HIGH:MEDIUM:+3DES:!aNULL
ssl_ciphers|10|string|||sighup|8||||||HIGH:MEDIUM:+3DES:!aNULL
ssl_ciphers|11-19|string|||sighup|7||||||HIGH:MEDIUM:+3DES:!aNULL
ssl_crl_dir|14-19|string|||sighup|7||||||
ssl_crl_file|9.6|string|||postmaster|8||||||
ssl_crl_file|10|string|||sighup|8||||||
ssl_crl_file|11-19|string|||sighup|7||||||
ssl_dh_params_file|10|string|||sighup|8||||||
ssl_dh_params_file|11-19|string|||sighup|7||||||
ssl_ecdh_curve|9.6|string|||postmaster|8||||||prime256v1
ssl_ecdh_curve|10|string|||sighup|8||||||prime256v1
ssl_ecdh_curve|11-17|string|||sighup|7||||||prime256v1
ssl_groups|18-19|string|||sighup|7||||||X25519:prime256v1
ssl_key_file|9.6|string|||postmaster|8||||||server.key
ssl_key_file|10|string|||sighup|8||||||server.key
ssl_key_file|11-19|string|||sighup|7||||||server.key
ssl_library|12-19|string|d||internal|14||||||OpenSSL
ssl_max_protocol_version|12-19|enum|||sighup|7|||,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3|||
ssl_min_protocol_version|12|enum|||sighup|7|||TLSv1,TLSv1.1,TLSv1.2,TLSv1.3|||TLSv1
ssl_min_protocol_version|13-19|enum|||sighup|7|||TLSv1,TLSv1.1,TLSv1.2,TLSv1.3|||TLSv1.2
ssl_passphrase_command|11-19|string|||sighup|7||||||
ssl_passphrase_command_supports_reload|11-19|bool|||sighup|7||||||off
ssl_prefer_server_ciphers|9.6|bool|||postmaster|8||||||on
ssl_prefer_server_ciphers|10|bool|||sighup|8||||||on
ssl_prefer_server_ciphers|11-19|bool|||sighup|7||||||on
ssl_renegotiation_limit|9.6-19|integer|dh||user|7|0|0||||0
ssl_sni|19|bool|||sighup|7||||||off
ssl_tls13_ciphers|18-19|string|||sighup|7||||||
standard_conforming_strings|9.6-19|bool|||user|48||||||on
statement_timeout|9.6-19|integer||ms|user|4|0|2147483647||||0
stats_fetch_consistency|15-19|enum|||user|39|||none,cache,snapshot|||cache
stats_temp_directory|9.6-14|string|||sighup|41||||||pg_stat_tmp
subtransaction_buffers|17-19|integer||8kB|postmaster|36|0|131072||||0
summarize_wal|17-19|bool|||sighup|55||||||off
superuser_reserved_connections|9.6-19|integer|||postmaster|6|0|262143||||3
sync_replication_slots|17-19|bool|||sighup|24||||||off
synchronize_seqscans|9.6-19|bool|||user|48||||||on
synchronized_standby_slots|17-19|list|||sighup|22||||||
synchronous_commit|9.6-19|enum|||user|54|||local,remote_write,remote_apply,on,off|true,false,yes,no,1,0||on
synchronous_standby_names|9.6-13|list|||sighup|21||||||
synchronous_standby_names|14-19|list|||sighup|22||||||
syslog_facility|9.6-19|enum|||sighup|29|||local0,local1,local2,local3,local4,local5,local6,local7||none|local0
syslog_ident|9.6-19|string|||sighup|29||||||postgres
syslog_sequence_numbers|9.6-19|bool|||sighup|29||||||on
syslog_split_messages|9.6-19|bool|||sighup|29||||||on
tcp_keepalives_count|9.6-13|integer|||user|2|0|2147483647||||0
tcp_keepalives_count|14-15|integer|||user|6|0|2147483647||||0
tcp_keepalives_count|16-19|integer|||user|9|0|2147483647||||0
tcp_keepalives_idle|9.6-13|integer||s|user|2|0|2147483647||||0
tcp_keepalives_idle|14-15|integer||s|user|6|0|2147483647||||0
tcp_keepalives_idle|16-19|integer||s|user|9|0|2147483647||||0
tcp_keepalives_interval|9.6-13|integer||s|user|2|0|2147483647||||0
tcp_keepalives_interval|14-15|integer||s|user|6|0|2147483647||||0
tcp_keepalives_interval|16-19|integer||s|user|9|0|2147483647||||0
tcp_user_timeout|12-13|integer||ms|user|2|0|2147483647||||0
tcp_user_timeout|14-15|integer||ms|user|6|0|2147483647||||0
tcp_user_timeout|16-19|integer||ms|user|9|0|2147483647||||0
temp_buffers|9.6-19|integer||8kB|user|36|100|1073741823||||1024
temp_file_limit|9.6-19|integer||kB|superuser|33|-1|2147483647||||-1
temp_tablespaces|9.6-19|list|q||user|4||||||
timezone_abbreviations|9.6-19|string|||user|1||||||~
timing_clock_source|19|enum|||superuser|37|||auto,system,tsc|||auto
trace_connection_negotiation|17-19|bool|||postmaster|10||||||off
trace_notify|9.6-19|bool|||user|10||||||off
trace_recovery_messages|9.6-11|enum|||sighup|10|||debug5,debug4,debug3,debug2,debug1,log,notice,warning,error|debug,info,fatal,panic||log
trace_recovery_messages|12-16|enum|||sighup|10|||debug5,debug4,debug3,debug2,debug1,log,notice,warning,error|debug,info||log
trace_sort|9.6-19|bool|||user|10||||||off
track_activities|9.6-14|bool|||superuser|41||||||on
track_activities|15-19|bool|||superuser|39||||||on
track_activity_query_size|9.6-10|integer|||postmaster|36|100|102400||||1024
track_activity_query_size|11-12|integer||B|postmaster|36|100|102400||||1024
track_activity_query_size|13|integer||B|postmaster|36|100|1048576||||1024
track_activity_query_size|14|integer||B|postmaster|41|100|1048576||||1024
track_activity_query_size|15-19|integer||B|postmaster|39|100|1048576||||1024
track_commit_timestamp|9.6-13|bool|||postmaster|20||||||off
track_commit_timestamp|14-19|bool|||postmaster|23||||||off
track_cost_delay_timing|18-19|bool|||superuser|39||||||off
track_counts|9.6-14|bool|||superuser|41||||||on
track_counts|15-19|bool|||superuser|39||||||on
track_functions|9.6-14|enum|||superuser|41|||none,pl,all|||none
track_functions|15-19|enum|||superuser|39|||none,pl,all|||none
track_io_timing|9.6-14|bool|||superuser|41||||||off
track_io_timing|15-19|bool|||superuser|39||||||off
track_wal_io_timing|14|bool|||superuser|41||||||off
track_wal_io_timing|15-19|bool|||superuser|39||||||off
transaction_buffers|17-19|integer||8kB|postmaster|36|0|131072||||0
transaction_deferrable|9.6-19|bool|d||user|4||||||off
transaction_isolation|9.6-11|string|d||user|4||||||default
transaction_isolation|12-19|enum|d||user|4|||serializable,repeatable read,read committed,read uncommitted|||read committed
transaction_read_only|9.6-19|bool|d||user|4||||||off
transaction_timeout|17-19|integer||ms|user|4|0|2147483647||||0
transform_null_equals|9.6-19|bool|||user|47||||||off
unix_socket_directories|9.6-13|list|||postmaster|6||||||/tmp
unix_socket_directories|14-19|list|q||postmaster|6||||||/tmp
unix_socket_group|9.6-19|string|||postmaster|6||||||
unix_socket_permissions|9.6-19|integer|||postmaster|6|0|511||||511
update_process_title|9.6-13|bool|||superuser|15||||||on
update_process_title|14-19|bool|||superuser|26||||||on
vacuum_buffer_usage_limit|16|integer||kB|user|36|0|16777216||||256
vacuum_buffer_usage_limit|17-19|integer||kB|user|36|0|16777216||||2048
vacuum_cleanup_index_scale_factor|11-13|real|||user|4|0|1e+10||||0.1
vacuum_cost_delay|9.6-11|integer||ms|user|32|0|100||||0
vacuum_cost_delay|12-17|real||ms|user|32|0|100||||0
vacuum_cost_delay|18-19|real||ms|user|44|0|100||||0
vacuum_cost_limit|9.6-17|integer|||user|32|1|10000||||200
vacuum_cost_limit|18-19|integer|||user|44|1|10000||||200
vacuum_cost_page_dirty|9.6-17|integer|||user|32|0|10000||||20
vacuum_cost_page_dirty|18-19|integer|||user|44|0|10000||||20
vacuum_cost_page_hit|9.6-17|integer|||user|32|0|10000||||1
vacuum_cost_page_hit|18-19|integer|||user|44|0|10000||||1
vacuum_cost_page_miss|9.6-13|integer|||user|32|0|10000||||10
vacuum_cost_page_miss|14-17|integer|||user|32|0|10000||||2
vacuum_cost_page_miss|18-19|integer|||user|44|0|10000||||2
vacuum_defer_cleanup_age|9.6-13|integer|||sighup|21|0|1000000||||0
vacuum_defer_cleanup_age|14-15|integer|||sighup|22|0|1000000||||0
vacuum_failsafe_age|14-17|integer|||user|4|0|2100000000||||1600000000
vacuum_failsafe_age|18-19|integer|||user|46|0|2100000000||||1600000000
vacuum_freeze_min_age|9.6-17|integer|||user|4|0|1000000000||||50000000
vacuum_freeze_min_age|18-19|integer|||user|46|0|1000000000||||50000000
vacuum_freeze_table_age|9.6-17|integer|||user|4|0|2000000000||||150000000
vacuum_freeze_table_age|18-19|integer|||user|46|0|2000000000||||150000000
vacuum_max_eager_freeze_failure_rate|18-19|real|||user|46|0|1||||0.03
vacuum_multixact_failsafe_age|14-17|integer|||user|4|0|2100000000||||1600000000
vacuum_multixact_failsafe_age|18-19|integer|||user|46|0|2100000000||||1600000000
vacuum_multixact_freeze_min_age|9.6-17|integer|||user|4|0|1000000000||||5000000
vacuum_multixact_freeze_min_age|18-19|integer|||user|46|0|1000000000||||5000000
vacuum_multixact_freeze_table_age|9.6-17|integer|||user|4|0|2000000000||||150000000
vacuum_multixact_freeze_table_age|18-19|integer|||user|46|0|2000000000||||150000000
vacuum_truncate|18-19|bool|||user|45||||||on
wal_block_size|9.6-19|integer|d||internal|14|8192|8192||||8192
wal_buffers|9.6-19|integer||8kB|postmaster|54|-1|262143||||-1
wal_compression|9.6-14|bool|||superuser|54||||||off
wal_compression|15-19|enum|||superuser|54|||pglz,on,off|true,false,yes,no,1,0|lz4,zstd|off
wal_consistency_checking|10-19|list|||superuser|10||||||
wal_decode_buffer_size|15-19|integer||B|postmaster|52|65536|1073741823||||524288
wal_init_zero|12-19|bool|||superuser|54||||||on
wal_keep_segments|9.6-12|integer|||sighup|23|0|2147483647||||0
wal_keep_size|13-19|integer||MB|sighup|23|0|2147483647||||0
wal_level|9.6|enum|||postmaster|54|||minimal,replica,logical|archive,hot_standby||minimal
wal_level|10-19|enum|||postmaster|54|||minimal,replica,logical|archive,hot_standby||replica
wal_log_hints|9.6-19|bool|||postmaster|54||||||off
wal_receiver_create_temp_slot|13-19|bool|||sighup|24||||||off
wal_receiver_status_interval|9.6-19|integer||s|sighup|24|0|2147483||||10
wal_receiver_timeout|9.6-18|integer||ms|sighup|24|0|2147483647||||60000
wal_receiver_timeout|19|integer||ms|user|24|0|2147483647||||60000
wal_recycle|12-19|bool|||superuser|54||||||on
wal_retrieve_retry_interval|9.6-19|integer||ms|sighup|24|1|2147483647||||5000
wal_segment_size|9.6-10|integer|d|8kB|internal|14|2048|2048||||2048
wal_segment_size|11-19|integer|d|B|internal|14|1048576|1073741824||||16777216
wal_sender_shutdown_timeout|19|integer||ms|user|23|-1|2147483647||||-1
wal_sender_timeout|9.6-11|integer||ms|sighup|23|0|2147483647||||60000
wal_sender_timeout|12-19|integer||ms|user|23|0|2147483647||||60000
wal_skip_threshold|13-19|integer||kB|user|54|0|2147483647||||2048
wal_summary_keep_time|17-19|integer||min|sighup|55|0|35791394||||14400
wal_sync_method|9.6-19|enum|||sighup|54|||fsync,fdatasync,open_sync,open_datasync||fsync_writethrough|fdatasync
wal_writer_delay|9.6-19|integer||ms|sighup|54|1|10000||||200
wal_writer_flush_after|9.6-19|integer||8kB|sighup|54|0|2147483647||||128
work_mem|9.6-19|integer||kB|user|36|64|2147483647||||4096
xmlbinary|9.6-19|enum|||user|4|||base64,hex|||base64
xmloption|9.6-19|enum|||user|4|||content,document|||content
zero_damaged_pages|9.6-19|bool|||superuser|10||||||off
`;

/** Settings of PostgreSQL's source code that only servers built for debugging know, with the major versions. */
export const debugSettings: Readonly<Record<string, PgMajorSpan>> = {
  log_btree_build_stats: { since: 9.6, until: 19 },
  trace_locks: { since: 9.6, until: 19 },
  trace_userlocks: { since: 9.6, until: 19 },
  trace_lwlocks: { since: 9.6, until: 19 },
  debug_deadlocks: { since: 9.6, until: 19 },
  trace_syncscan: { since: 9.6, until: 19 },
  optimize_bounded_sort: { since: 9.6, until: 19 },
  wal_debug: { since: 9.6, until: 19 },
  trace_lock_oidmin: { since: 9.6, until: 19 },
  trace_lock_table: { since: 9.6, until: 19 },
  debug_copy_parse_plan_trees: { since: 18, until: 19 },
  debug_write_read_parse_plan_trees: { since: 18, until: 19 },
  debug_raw_expression_coverage_test: { since: 18, until: 19 },
};

/** Settings that only late minor releases of these majors know. */
export const lateMinorSettings: Readonly<Record<string, PgMajorSpan>> = {
  output_plugin_libraries: { since: 14, until: 18 },
};

/** Settings that only the servers of some distributions know, with the names of the distributions. */
export const vendorSettings: Readonly<Record<string, string>> = {
  extension_destdir: 'Debian',
};

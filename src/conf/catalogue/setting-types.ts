// Made by scripts/catalogue/generate.js. Do not edit.

/** The settings that are on or off, in any major version. */
export type BoolSettingName =
  | 'allow_alter_system'
  | 'allow_in_place_tablespaces'
  | 'allow_system_table_mods'
  | 'array_nulls'
  | 'autovacuum'
  | 'bonjour'
  | 'check_function_bodies'
  | 'data_sync_retry'
  | 'db_user_namespace'
  | 'debug_pretty_print'
  | 'debug_print_parse'
  | 'debug_print_plan'
  | 'debug_print_raw_parse'
  | 'debug_print_rewritten'
  | 'default_transaction_deferrable'
  | 'default_transaction_read_only'
  | 'default_with_oids'
  | 'enable_async_append'
  | 'enable_bitmapscan'
  | 'enable_distinct_reordering'
  | 'enable_eager_aggregate'
  | 'enable_gathermerge'
  | 'enable_group_by_reordering'
  | 'enable_hashagg'
  | 'enable_hashjoin'
  | 'enable_incremental_sort'
  | 'enable_indexonlyscan'
  | 'enable_indexscan'
  | 'enable_material'
  | 'enable_memoize'
  | 'enable_mergejoin'
  | 'enable_nestloop'
  | 'enable_parallel_append'
  | 'enable_parallel_hash'
  | 'enable_partition_pruning'
  | 'enable_partitionwise_aggregate'
  | 'enable_partitionwise_join'
  | 'enable_presorted_aggregate'
  | 'enable_self_join_elimination'
  | 'enable_seqscan'
  | 'enable_sort'
  | 'enable_tidscan'
  | 'escape_string_warning'
  | 'event_triggers'
  | 'exit_on_error'
  | 'fsync'
  | 'full_page_writes'
  | 'geqo'
  | 'gss_accept_delegation'
  | 'hot_standby'
  | 'hot_standby_feedback'
  | 'ignore_checksum_failure'
  | 'ignore_invalid_pages'
  | 'ignore_system_indexes'
  | 'jit'
  | 'jit_debugging_support'
  | 'jit_dump_bitcode'
  | 'jit_expressions'
  | 'jit_profiling_support'
  | 'jit_tuple_deforming'
  | 'krb_caseins_users'
  | 'lo_compat_privileges'
  | 'log_checkpoints'
  | 'log_connections'
  | 'log_disconnections'
  | 'log_duration'
  | 'log_executor_stats'
  | 'log_hostname'
  | 'log_lock_failures'
  | 'log_lock_waits'
  | 'log_parser_stats'
  | 'log_planner_stats'
  | 'log_recovery_conflict_waits'
  | 'log_replication_commands'
  | 'log_statement_stats'
  | 'log_truncate_on_rotation'
  | 'logging_collector'
  | 'md5_password_warnings'
  | 'operator_precedence_warning'
  | 'parallel_leader_participation'
  | 'password_encryption'
  | 'quote_all_identifiers'
  | 'recovery_target_inclusive'
  | 'remove_temp_files_after_crash'
  | 'restart_after_crash'
  | 'row_security'
  | 'send_abort_for_crash'
  | 'send_abort_for_kill'
  | 'sql_inheritance'
  | 'ssl'
  | 'ssl_passphrase_command_supports_reload'
  | 'ssl_prefer_server_ciphers'
  | 'ssl_sni'
  | 'standard_conforming_strings'
  | 'summarize_wal'
  | 'sync_replication_slots'
  | 'synchronize_seqscans'
  | 'syslog_sequence_numbers'
  | 'syslog_split_messages'
  | 'trace_connection_negotiation'
  | 'trace_notify'
  | 'trace_sort'
  | 'track_activities'
  | 'track_commit_timestamp'
  | 'track_cost_delay_timing'
  | 'track_counts'
  | 'track_io_timing'
  | 'track_wal_io_timing'
  | 'transaction_deferrable'
  | 'transaction_read_only'
  | 'transform_null_equals'
  | 'update_process_title'
  | 'vacuum_truncate'
  | 'wal_compression'
  | 'wal_init_zero'
  | 'wal_log_hints'
  | 'wal_receiver_create_temp_slot'
  | 'wal_recycle'
  | 'zero_damaged_pages';

/** The settings whose value is an amount of memory or storage, in any major version. */
export type MemorySettingName =
  | 'autovacuum_work_mem'
  | 'backend_flush_after'
  | 'bgwriter_flush_after'
  | 'checkpoint_flush_after'
  | 'commit_timestamp_buffers'
  | 'effective_cache_size'
  | 'gin_pending_list_limit'
  | 'huge_page_size'
  | 'io_combine_limit'
  | 'io_max_combine_limit'
  | 'log_parameter_max_length'
  | 'log_parameter_max_length_on_error'
  | 'log_rotation_size'
  | 'log_temp_files'
  | 'logical_decoding_work_mem'
  | 'maintenance_work_mem'
  | 'max_slot_wal_keep_size'
  | 'max_stack_depth'
  | 'max_wal_size'
  | 'min_dynamic_shared_memory'
  | 'min_parallel_index_scan_size'
  | 'min_parallel_relation_size'
  | 'min_parallel_table_scan_size'
  | 'min_wal_size'
  | 'multixact_member_buffers'
  | 'multixact_offset_buffers'
  | 'notify_buffers'
  | 'serializable_buffers'
  | 'shared_buffers'
  | 'subtransaction_buffers'
  | 'temp_buffers'
  | 'temp_file_limit'
  | 'track_activity_query_size'
  | 'transaction_buffers'
  | 'vacuum_buffer_usage_limit'
  | 'wal_buffers'
  | 'wal_decode_buffer_size'
  | 'wal_keep_size'
  | 'wal_skip_threshold'
  | 'wal_writer_flush_after'
  | 'work_mem';

/** The settings whose value is a time, in any major version. */
export type DurationSettingName =
  | 'archive_timeout'
  | 'authentication_timeout'
  | 'autovacuum_naptime'
  | 'autovacuum_vacuum_cost_delay'
  | 'bgwriter_delay'
  | 'checkpoint_timeout'
  | 'checkpoint_warning'
  | 'client_connection_check_interval'
  | 'deadlock_timeout'
  | 'idle_in_transaction_session_timeout'
  | 'idle_replication_slot_timeout'
  | 'idle_session_timeout'
  | 'io_worker_idle_timeout'
  | 'io_worker_launch_interval'
  | 'lock_timeout'
  | 'log_autoanalyze_min_duration'
  | 'log_autovacuum_min_duration'
  | 'log_min_duration_sample'
  | 'log_min_duration_statement'
  | 'log_rotation_age'
  | 'log_startup_progress_interval'
  | 'max_standby_archive_delay'
  | 'max_standby_streaming_delay'
  | 'old_snapshot_threshold'
  | 'password_expiration_warning_threshold'
  | 'post_auth_delay'
  | 'pre_auth_delay'
  | 'recovery_min_apply_delay'
  | 'statement_timeout'
  | 'tcp_keepalives_idle'
  | 'tcp_keepalives_interval'
  | 'tcp_user_timeout'
  | 'transaction_timeout'
  | 'vacuum_cost_delay'
  | 'wal_receiver_status_interval'
  | 'wal_receiver_timeout'
  | 'wal_retrieve_retry_interval'
  | 'wal_sender_shutdown_timeout'
  | 'wal_sender_timeout'
  | 'wal_summary_keep_time'
  | 'wal_writer_delay';

/** The settings whose value is a number without a unit, in any major version. */
export type NumberSettingName =
  | 'autovacuum_analyze_scale_factor'
  | 'autovacuum_analyze_score_weight'
  | 'autovacuum_analyze_threshold'
  | 'autovacuum_freeze_max_age'
  | 'autovacuum_freeze_score_weight'
  | 'autovacuum_max_parallel_workers'
  | 'autovacuum_max_workers'
  | 'autovacuum_multixact_freeze_max_age'
  | 'autovacuum_multixact_freeze_score_weight'
  | 'autovacuum_vacuum_cost_limit'
  | 'autovacuum_vacuum_insert_scale_factor'
  | 'autovacuum_vacuum_insert_score_weight'
  | 'autovacuum_vacuum_insert_threshold'
  | 'autovacuum_vacuum_max_threshold'
  | 'autovacuum_vacuum_scale_factor'
  | 'autovacuum_vacuum_score_weight'
  | 'autovacuum_vacuum_threshold'
  | 'autovacuum_worker_slots'
  | 'bgwriter_lru_maxpages'
  | 'bgwriter_lru_multiplier'
  | 'checkpoint_completion_target'
  | 'commit_delay'
  | 'commit_siblings'
  | 'cpu_index_tuple_cost'
  | 'cpu_operator_cost'
  | 'cpu_tuple_cost'
  | 'cursor_tuple_fraction'
  | 'debug_discard_caches'
  | 'default_statistics_target'
  | 'effective_io_concurrency'
  | 'extra_float_digits'
  | 'from_collapse_limit'
  | 'geqo_effort'
  | 'geqo_generations'
  | 'geqo_pool_size'
  | 'geqo_seed'
  | 'geqo_selection_bias'
  | 'geqo_threshold'
  | 'gin_fuzzy_search_limit'
  | 'hash_mem_multiplier'
  | 'io_max_concurrency'
  | 'io_max_workers'
  | 'io_min_workers'
  | 'io_workers'
  | 'jit_above_cost'
  | 'jit_inline_above_cost'
  | 'jit_optimize_above_cost'
  | 'join_collapse_limit'
  | 'log_file_mode'
  | 'log_statement_sample_rate'
  | 'log_transaction_sample_rate'
  | 'maintenance_io_concurrency'
  | 'max_active_replication_origins'
  | 'max_connections'
  | 'max_files_per_process'
  | 'max_locks_per_transaction'
  | 'max_logical_replication_workers'
  | 'max_notify_queue_pages'
  | 'max_parallel_apply_workers_per_subscription'
  | 'max_parallel_maintenance_workers'
  | 'max_parallel_workers'
  | 'max_parallel_workers_per_gather'
  | 'max_pred_locks_per_page'
  | 'max_pred_locks_per_relation'
  | 'max_pred_locks_per_transaction'
  | 'max_prepared_transactions'
  | 'max_repack_replication_slots'
  | 'max_replication_slots'
  | 'max_sync_workers_per_subscription'
  | 'max_wal_senders'
  | 'max_worker_processes'
  | 'min_eager_agg_group_size'
  | 'parallel_setup_cost'
  | 'parallel_tuple_cost'
  | 'port'
  | 'random_page_cost'
  | 'recursive_worktable_factor'
  | 'replacement_sort_tuples'
  | 'reserved_connections'
  | 'scram_iterations'
  | 'seed'
  | 'seq_page_cost'
  | 'ssl_renegotiation_limit'
  | 'superuser_reserved_connections'
  | 'tcp_keepalives_count'
  | 'track_activity_query_size'
  | 'unix_socket_permissions'
  | 'vacuum_cleanup_index_scale_factor'
  | 'vacuum_cost_limit'
  | 'vacuum_cost_page_dirty'
  | 'vacuum_cost_page_hit'
  | 'vacuum_cost_page_miss'
  | 'vacuum_defer_cleanup_age'
  | 'vacuum_failsafe_age'
  | 'vacuum_freeze_min_age'
  | 'vacuum_freeze_table_age'
  | 'vacuum_max_eager_freeze_failure_rate'
  | 'vacuum_multixact_failsafe_age'
  | 'vacuum_multixact_freeze_min_age'
  | 'vacuum_multixact_freeze_table_age'
  | 'wal_keep_segments';

/** The settings whose value is any text, in any major version. */
export type StringSettingName =
  | 'TimeZone'
  | 'application_name'
  | 'archive_cleanup_command'
  | 'archive_command'
  | 'archive_library'
  | 'backtrace_functions'
  | 'bonjour_name'
  | 'client_encoding'
  | 'cluster_name'
  | 'config_file'
  | 'data_directory'
  | 'default_table_access_method'
  | 'default_tablespace'
  | 'default_text_search_config'
  | 'dynamic_library_path'
  | 'event_source'
  | 'extension_control_path'
  | 'external_pid_file'
  | 'hba_file'
  | 'hosts_file'
  | 'ident_file'
  | 'jit_provider'
  | 'krb_server_keyfile'
  | 'lc_messages'
  | 'lc_monetary'
  | 'lc_numeric'
  | 'lc_time'
  | 'log_directory'
  | 'log_filename'
  | 'log_line_prefix'
  | 'log_timezone'
  | 'output_plugin_libraries'
  | 'primary_conninfo'
  | 'primary_slot_name'
  | 'promote_trigger_file'
  | 'recovery_end_command'
  | 'recovery_target'
  | 'recovery_target_lsn'
  | 'recovery_target_name'
  | 'recovery_target_time'
  | 'recovery_target_timeline'
  | 'recovery_target_xid'
  | 'restore_command'
  | 'role'
  | 'session_authorization'
  | 'ssl_ca_file'
  | 'ssl_cert_file'
  | 'ssl_ciphers'
  | 'ssl_crl_dir'
  | 'ssl_crl_file'
  | 'ssl_dh_params_file'
  | 'ssl_ecdh_curve'
  | 'ssl_groups'
  | 'ssl_key_file'
  | 'ssl_passphrase_command'
  | 'ssl_tls13_ciphers'
  | 'stats_temp_directory'
  | 'syslog_ident'
  | 'timezone_abbreviations'
  | 'transaction_isolation'
  | 'unix_socket_group';

/** The settings whose value is a list, in any major version. */
export type ListSettingName =
  | 'DateStyle'
  | 'createrole_self_grant'
  | 'debug_io_direct'
  | 'listen_addresses'
  | 'local_preload_libraries'
  | 'log_connections'
  | 'log_destination'
  | 'log_min_messages'
  | 'oauth_validator_libraries'
  | 'restrict_nonsystem_relation_kind'
  | 'search_path'
  | 'session_preload_libraries'
  | 'shared_preload_libraries'
  | 'synchronized_standby_slots'
  | 'synchronous_standby_names'
  | 'temp_tablespaces'
  | 'unix_socket_directories'
  | 'wal_consistency_checking';

/** The settings whose value is one of a few words, each with the words of all major versions and builds. */
export interface SettingWords {
  /** The words that the setting `IntervalStyle` accepts. */
  readonly IntervalStyle: 'iso_8601' | 'postgres' | 'postgres_verbose' | 'sql_standard';
  /** The words that the setting `archive_mode` accepts. */
  readonly archive_mode: '0' | '1' | 'always' | 'false' | 'no' | 'off' | 'on' | 'true' | 'yes';
  /** The words that the setting `backslash_quote` accepts. */
  readonly backslash_quote: '0' | '1' | 'false' | 'no' | 'off' | 'on' | 'safe_encoding' | 'true' | 'yes';
  /** The words that the setting `bytea_output` accepts. */
  readonly bytea_output: 'escape' | 'hex';
  /** The words that the setting `client_min_messages` accepts. */
  readonly client_min_messages:
    | 'debug'
    | 'debug1'
    | 'debug2'
    | 'debug3'
    | 'debug4'
    | 'debug5'
    | 'error'
    | 'fatal'
    | 'info'
    | 'log'
    | 'notice'
    | 'panic'
    | 'warning';
  /** The words that the setting `compute_query_id` accepts. */
  readonly compute_query_id: '0' | '1' | 'auto' | 'false' | 'no' | 'off' | 'on' | 'regress' | 'true' | 'yes';
  /** The words that the setting `constraint_exclusion` accepts. */
  readonly constraint_exclusion: '0' | '1' | 'false' | 'no' | 'off' | 'on' | 'partition' | 'true' | 'yes';
  /** The words that the setting `debug_logical_replication_streaming` accepts. */
  readonly debug_logical_replication_streaming: 'buffered' | 'immediate';
  /** The words that the setting `debug_parallel_query` accepts. */
  readonly debug_parallel_query: '0' | '1' | 'false' | 'no' | 'off' | 'on' | 'regress' | 'true' | 'yes';
  /** The words that the setting `default_toast_compression` accepts. */
  readonly default_toast_compression: 'lz4' | 'pglz';
  /** The words that the setting `default_transaction_isolation` accepts. */
  readonly default_transaction_isolation: 'read committed' | 'read uncommitted' | 'repeatable read' | 'serializable';
  /** The words that the setting `dynamic_shared_memory_type` accepts. */
  readonly dynamic_shared_memory_type: 'mmap' | 'none' | 'posix' | 'sysv' | 'windows';
  /** The words that the setting `file_copy_method` accepts. */
  readonly file_copy_method: 'clone' | 'copy';
  /** The words that the setting `file_extend_method` accepts. */
  readonly file_extend_method: 'posix_fallocate' | 'write_zeros';
  /** The words that the setting `force_parallel_mode` accepts. */
  readonly force_parallel_mode: '0' | '1' | 'false' | 'no' | 'off' | 'on' | 'regress' | 'true' | 'yes';
  /** The words that the setting `huge_pages` accepts. */
  readonly huge_pages: '0' | '1' | 'false' | 'no' | 'off' | 'on' | 'true' | 'try' | 'yes';
  /** The words that the setting `icu_validation_level` accepts. */
  readonly icu_validation_level:
    | 'debug'
    | 'debug1'
    | 'debug2'
    | 'debug3'
    | 'debug4'
    | 'debug5'
    | 'disabled'
    | 'error'
    | 'info'
    | 'log'
    | 'notice'
    | 'warning';
  /** The words that the setting `io_method` accepts. */
  readonly io_method: 'io_uring' | 'sync' | 'worker';
  /** The words that the setting `log_error_verbosity` accepts. */
  readonly log_error_verbosity: 'default' | 'terse' | 'verbose';
  /** The words that the setting `log_min_error_statement` accepts. */
  readonly log_min_error_statement:
    | 'debug'
    | 'debug1'
    | 'debug2'
    | 'debug3'
    | 'debug4'
    | 'debug5'
    | 'error'
    | 'fatal'
    | 'info'
    | 'log'
    | 'notice'
    | 'panic'
    | 'warning';
  /** The words that the setting `log_min_messages` accepts. */
  readonly log_min_messages:
    | 'debug'
    | 'debug1'
    | 'debug2'
    | 'debug3'
    | 'debug4'
    | 'debug5'
    | 'error'
    | 'fatal'
    | 'info'
    | 'log'
    | 'notice'
    | 'panic'
    | 'warning';
  /** The words that the setting `log_statement` accepts. */
  readonly log_statement: 'all' | 'ddl' | 'mod' | 'none';
  /** The words that the setting `password_encryption` accepts. */
  readonly password_encryption: '1' | 'md5' | 'on' | 'scram-sha-256' | 'true' | 'yes';
  /** The words that the setting `plan_cache_mode` accepts. */
  readonly plan_cache_mode: 'auto' | 'force_custom_plan' | 'force_generic_plan';
  /** The words that the setting `recovery_init_sync_method` accepts. */
  readonly recovery_init_sync_method: 'fsync' | 'syncfs';
  /** The words that the setting `recovery_prefetch` accepts. */
  readonly recovery_prefetch: '0' | '1' | 'false' | 'no' | 'off' | 'on' | 'true' | 'try' | 'yes';
  /** The words that the setting `recovery_target_action` accepts. */
  readonly recovery_target_action: 'pause' | 'promote' | 'shutdown';
  /** The words that the setting `session_replication_role` accepts. */
  readonly session_replication_role: 'local' | 'origin' | 'replica';
  /** The words that the setting `shared_memory_type` accepts. */
  readonly shared_memory_type: 'mmap' | 'sysv' | 'windows';
  /** The words that the setting `ssl_max_protocol_version` accepts. */
  readonly ssl_max_protocol_version: '' | 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** The words that the setting `ssl_min_protocol_version` accepts. */
  readonly ssl_min_protocol_version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** The words that the setting `stats_fetch_consistency` accepts. */
  readonly stats_fetch_consistency: 'cache' | 'none' | 'snapshot';
  /** The words that the setting `synchronous_commit` accepts. */
  readonly synchronous_commit:
    | '0'
    | '1'
    | 'false'
    | 'local'
    | 'no'
    | 'off'
    | 'on'
    | 'remote_apply'
    | 'remote_write'
    | 'true'
    | 'yes';
  /** The words that the setting `syslog_facility` accepts. */
  readonly syslog_facility:
    | 'local0'
    | 'local1'
    | 'local2'
    | 'local3'
    | 'local4'
    | 'local5'
    | 'local6'
    | 'local7'
    | 'none';
  /** The words that the setting `timing_clock_source` accepts. */
  readonly timing_clock_source: 'auto' | 'system' | 'tsc';
  /** The words that the setting `trace_recovery_messages` accepts. */
  readonly trace_recovery_messages:
    | 'debug'
    | 'debug1'
    | 'debug2'
    | 'debug3'
    | 'debug4'
    | 'debug5'
    | 'error'
    | 'fatal'
    | 'info'
    | 'log'
    | 'notice'
    | 'panic'
    | 'warning';
  /** The words that the setting `track_functions` accepts. */
  readonly track_functions: 'all' | 'none' | 'pl';
  /** The words that the setting `transaction_isolation` accepts. */
  readonly transaction_isolation: 'read committed' | 'read uncommitted' | 'repeatable read' | 'serializable';
  /** The words that the setting `wal_compression` accepts. */
  readonly wal_compression: '0' | '1' | 'false' | 'lz4' | 'no' | 'off' | 'on' | 'pglz' | 'true' | 'yes' | 'zstd';
  /** The words that the setting `wal_level` accepts. */
  readonly wal_level: 'archive' | 'hot_standby' | 'logical' | 'minimal' | 'replica';
  /** The words that the setting `wal_sync_method` accepts. */
  readonly wal_sync_method: 'fdatasync' | 'fsync' | 'fsync_writethrough' | 'open_datasync' | 'open_sync';
  /** The words that the setting `xmlbinary` accepts. */
  readonly xmlbinary: 'base64' | 'hex';
  /** The words that the setting `xmloption` accepts. */
  readonly xmloption: 'content' | 'document';
}

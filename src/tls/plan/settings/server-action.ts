import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../../version.ts';
import type { ServerAction } from '../data/plan-data.ts';

/** The action that makes a server use new TLS settings, certificates or keys. */
export function sslAction(version: PgMajor): ServerAction {
  return rowOf(version).action;
}

/** Whether a server has the view pg_hba_file_rules. */
export function hasRuleView(version: PgMajor): boolean {
  return rowOf(version).ruleView;
}

interface ServerRow extends PgMajorSpan {
  /**
   * The action that makes the server use new TLS settings. In `pg_settings`, the context of all `ssl…` settings is
   * postmaster in 9.6, and sighup from 10 on.
   */
  readonly action: ServerAction;
  /** Whether servers of these versions have the view pg_hba_file_rules. */
  readonly ruleView: boolean;
}

const serverRows: readonly ServerRow[] = [
  { until: 9.6, action: 'restart', ruleView: false },
  { since: 10, action: 'reload', ruleView: true },
];

function rowOf(version: PgMajor): ServerRow {
  return serverRows.find((row) => spanIncludes(row, version))!;
}

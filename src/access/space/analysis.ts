import type { RuleList } from '../rules/read-rules.ts';
import { RulesByName } from './rules-by-name.ts';

/** The rules of an input, and an index for searches in these rules. */
export interface Analysis {
  readonly list: RuleList;
  readonly index: RulesByName;
}

const analyses = new WeakMap<RuleList, Analysis>();

/** Returns the rules together with their index. The index of a list of rules is built once and cached. */
export function analysisOf(list: RuleList): Analysis {
  let analysis = analyses.get(list);
  if (analysis === undefined) {
    analysis = { list, index: new RulesByName(list) };
    analyses.set(list, analysis);
  }
  return analysis;
}

import { type LineFix, type LineProblem, refuse } from '../../auth-file/read/line-diagnostic.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import { isSecretOption } from '../tables/tables.ts';

/** An option behind the method. */
export interface OptionToken {
  /** What stands before the first `=`. */
  readonly name: string;
  /** What stands behind it. */
  readonly value: string;
  /** The token that holds both. */
  readonly token: Token;
}

/** Refuses the line for an option's value. */
export function refuseValue(option: OptionToken, serverText: string | null, remedy: string, fix?: LineFix): never {
  return refuse({ ...valueProblem(option, serverText, remedy), fix });
}

/** That an option cannot have its value, which is not shown where it may be a secret. */
export function valueProblem(
  { name, value, token }: OptionToken,
  serverText: string | null,
  remedy: string,
): LineProblem {
  const shown = isSecretOption(name) ? 'its value' : `"${value}"`;
  return { code: 'hba-option-value', token, serverText, message: `${name} cannot have ${shown}: ${remedy}` };
}

import type { LineDiagnostic } from '../../auth-file/read/line-diagnostic.ts';
import { refuse } from '../../auth-file/read/refusal.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import type { LineFix } from '../../text/span.ts';
import { isSecretOption } from '../tables/tables.ts';

/** An option of a rule, which follows the method. */
export interface OptionToken {
  /** The name of the option: the text before the first `=`. */
  readonly name: string;
  /** The value of the option: the text after the first `=`. */
  readonly value: string;
  /** The token that contains the name and the value. */
  readonly token: Token;
}

/** Returns the value of an option. If the option is repeated, the server uses the last value. */
export function optionValue(
  options: readonly { readonly name: string; readonly value: string }[],
  name: string,
): string | undefined {
  return options.findLast((option) => option.name === name)?.value;
}

/** Refuses the line because of an option's value. */
export function refuseValue(option: OptionToken, serverText: string | undefined, remedy: string, fix?: LineFix): never {
  return refuse({ ...invalidValue(option, remedy), serverText, fix });
}

/** Makes the diagnostic of an option's value. The diagnostic does not show a secret value. */
export function invalidValue(
  { name, value, token }: OptionToken,
  remedy: string,
): Pick<LineDiagnostic, 'code' | 'span' | 'message'> {
  const what = isSecretOption(name)
    ? `The value of the option ${name} is invalid`
    : `"${value}" is not a valid value of the option ${name}`;
  return {
    code: 'hba-option-value',
    span: token,
    message: `${what}: ${remedy}`,
  };
}

/** Joins words as PostgreSQL's messages do: `a`, `a and b`, `a, b, and c`. */
export function englishList(words: readonly string[]): string {
  return words.length < 3 ? words.join(' and ') : `${words.slice(0, -1).join(', ')}, and ${words.at(-1)}`;
}

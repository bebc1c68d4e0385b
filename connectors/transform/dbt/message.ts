import { withoutValues } from '../../../core/values.ts';

/**
 * What dbt says itself of the project; a database that speaks through one of these kinds says `Error:`, and a macro of the project
 * (`raise_compiler_error`) may say anything, values of rows too.
 */
const OF_PROJECT =
  /^\s*(?:(?:Parsing|Validation|Dependency|Dbt\w*) Error\b|Compilation Error\b.*(?: is undefined| unknown tag | which was not found|Env var required))(?!.*(?:Error|DETAIL):)/is;

/** dbt's message without the values of rows. What it quotes of the project are names: of macros, variables, packages, commands. */
export function messageOfDbt(text: string): string {
  return OF_PROJECT.test(text) ? text : withoutValues(text);
}

import { withoutValues } from '../../../core/values.ts';

/** Of these kinds dbt says itself what is wrong with the project; a database that speaks through one of them says `Error:`. */
const OF_PROJECT =
  /^\s*(?:Compilation|Parsing|Validation|Dependency|Dbt\w*) Error\b(?!.*(?:Error|DETAIL):)/is;

/** dbt's message without the values of rows. What it quotes of the project are names: of macros, variables, packages, commands. */
export function messageOfDbt(text: string): string {
  return OF_PROJECT.test(text) ? text : withoutValues(text);
}

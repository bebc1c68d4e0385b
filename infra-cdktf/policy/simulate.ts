import { matches, type PolicyStatement } from './iam.ts';
import type { Request } from './requests.ts';
import { isObject, texts } from './resource.ts';

/**
 * What IAM decides about a request, by its evaluation logic for identity policies: a Deny ends it, else an Allow is needed. Operators that
 * the project does not use are refused, so that none is taken as met.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function isAllowed(statements: readonly PolicyStatement[], request: Request): boolean {
  const hits = statements.filter((statement) => applies(statement, request));
  return hits.some(({ effect }) => effect === 'Allow') && !hits.some(({ effect }) => effect === 'Deny');
}

function applies({ actions, resources, condition, inverted }: PolicyStatement, request: Request): boolean {
  if (inverted) throw new Error('NotAction, NotResource and NotPrincipal are not simulated');
  return (
    actions.some((pattern) => matches(pattern, request.action, 'i')) &&
    resources.some((pattern) => matches(pattern, request.resource)) &&
    Object.entries(condition).every(([operator, wanted]) =>
      Object.entries(isObject(wanted) ? wanted : {}).every(([key, values]) =>
        holds(operator, texts(values), request.context[key]),
      ),
    )
  );
}

type Compare = (pattern: string, value: string) => boolean;
const operators: Readonly<Record<string, Compare>> = {
  StringEquals: (pattern, value) => pattern === value,
  StringLike: matches,
  ArnEquals: matches,
  ArnLike: matches,
  Bool: (pattern, value) => pattern === value,
};

function holds(operator: string, patterns: readonly string[], value: string | undefined): boolean {
  if (operator === 'Null') return patterns.includes(String(value === undefined));
  const [, set, name = '', ifExists] = /^(ForAllValues:)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const compare = operators[name];
  if (compare === undefined) throw new Error(`the condition operator ${operator} is not simulated`);
  if (value === undefined) return set !== undefined || ifExists !== undefined;
  return patterns.some((pattern) => compare(pattern, value));
}

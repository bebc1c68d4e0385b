import type { Environment } from '../config/environment.ts';
import { nameOf } from '../names.ts';
import { verbs, type Call, type Verb } from '../policy/calls/call.ts';
import { callTable } from '../policy/calls/index.ts';
import { deployWorkflowCalls, planWorkflowCalls } from '../policy/calls/workflows.ts';
import { statementsOfRole, type PolicyStatement } from '../policy/iam.ts';
import { learn, serviceOf } from '../policy/reference.ts';
import { requestsOf, type Request } from '../policy/requests.ts';
import { nameOfResource, ofType, type Subject } from '../policy/resource.ts';
import { isAllowed } from '../policy/simulate.ts';
import { resolvedSubject } from '../policy/subjects.ts';

export const everyCall: readonly Call[] = [
  ...Object.values(callTable).flatMap((calls) => verbs.flatMap((verb) => calls[verb])),
  ...deployWorkflowCalls,
  ...planWorkflowCalls,
];
/** To be awaited before anything is asked. */
export const learnCalls = (): Promise<void> =>
  learn(new Set(everyCall.map(({ action }) => serviceOf(action))));

const subjects = new Map<string, Subject>();
/** What CI deploys: the account's stack is an administrator's. */
export function deployed(env: Environment): Subject {
  const subject = subjects.get(env.name) ?? resolvedSubject(env);
  subjects.set(env.name, subject);
  return { ...subject, resources: subject.resources.filter(({ stack }) => stack !== 'account') };
}

export function statementsOf(env: Environment, role: string): PolicyStatement[] {
  const subject = subjects.get(env.name) ?? resolvedSubject(env);
  const found = ofType(subject, 'aws_iam_role').find(({ values }) => values['name'] === nameOf(env, role));
  if (!found) throw new Error(`no role ${role} of ${env.name}`);
  return statementsOfRole(subject, found);
}

/** `kms:CreateKey on * for storage/aws_kms_key.raw-key, create` -> the request. */
export function requests(env: Environment, ofVerbs: readonly Verb[]): [string, Request][] {
  return deployed(env).resources.flatMap((resource) =>
    ofVerbs.flatMap((verb) =>
      (callTable[resource.type]?.[verb] ?? []).flatMap((call) =>
        requestsOf(env, verb, call, resource).map((request): [string, Request] => [
          `${request.action} on ${request.resource} for ${nameOfResource(resource)}, ${verb}`,
          request,
        ]),
      ),
    ),
  );
}

export const workflow = (env: Environment, calls: readonly Call[]): [string, Request][] =>
  calls.flatMap((call) =>
    requestsOf(env, 'update', call).map((request): [string, Request] => [
      `${request.action} on ${request.resource} by a workflow`,
      request,
    ]),
  );

export const denied = (
  statements: readonly PolicyStatement[],
  asked: readonly [string, Request][],
): string[] => [
  ...new Set(asked.filter(([, request]) => !isAllowed(statements, request)).map(([what]) => what)),
];

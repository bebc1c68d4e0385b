import { type Finding, type Rule, type Subject } from './resource.ts';
import type { Suppression } from './suppressions.ts';

export interface Verdict {
  readonly violations: readonly (Finding & { readonly rule: string })[];
  readonly used: readonly Suppression[];
}

export function judge(
  subject: Subject,
  rules: readonly Rule[],
  suppressions: readonly Suppression[],
): Verdict {
  const all = rules.flatMap((rule) => rule.check(subject).map((finding) => ({ rule: rule.id, ...finding })));
  const hides = (suppression: Suppression, finding: Finding & { rule: string }): boolean =>
    suppression.rule === finding.rule && suppression.resource === finding.resource;
  return {
    violations: all.filter((finding) => !suppressions.some((suppression) => hides(suppression, finding))),
    used: suppressions.filter((suppression) => all.some((finding) => hides(suppression, finding))),
  };
}

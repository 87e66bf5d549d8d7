// All diagnostics of a script: what the parser refused, then what the lints found.
import { countWhile } from '../syntax/search';
import type { Analysis } from '../semantics/symbols';
import { capturedLoopVariable } from './captured-loop-variable';
import { constant } from './constant';
import { docComment } from './doc-comment';
import type { Diagnostic, Lint } from './lint';
import { moduleStatement } from './module-statement';
import { unknownMember } from './unknown-member';
import { unknownVariable } from './unknown-variable';
import { unreachable } from './unreachable';
import { unused } from './unused';

const LINTS: readonly Lint[] = [
  unknownVariable,
  unknownMember,
  unused,
  constant,
  unreachable,
  capturedLoopVariable,
  docComment,
  moduleStatement,
];

const known = new WeakMap<Analysis, Diagnostic[]>();

/** In order of place; worked out when first asked for. */
export function diagnosticsOf(analysis: Analysis): Diagnostic[] {
  let all = known.get(analysis);
  if (!all) known.set(analysis, (all = collect(analysis)));
  return all;
}

function collect(analysis: Analysis): Diagnostic[] {
  const { errors } = analysis.tree;
  const all: Diagnostic[] = errors.map(({ from, to, message, code, fix }) => ({
    from,
    to,
    severity: 'error',
    code,
    message,
    fixes: fix ? [fix] : [],
  }));
  for (const lint of LINTS) {
    lint(analysis, (at, severity, code, message, fixes = [], tag) => {
      // The parser has said what is wrong there.
      const before = errors[countWhile(errors, ({ from }) => from < at.to) - 1];
      if (before && before.to > at.from) return;
      const diagnostic: Diagnostic = {
        from: at.from,
        to: at.to,
        severity,
        code,
        message,
        fixes: fixes.filter((fix) => fix !== null),
      };
      if (tag) diagnostic.tag = tag;
      all.push(diagnostic);
    });
  }
  return all.sort((a, b) => a.from - b.from || a.to - b.to);
}

// All diagnostics of a script: what the parser refused, then what the lints found.
import { countWhile } from '../syntax/search';
import type { Analysis } from '../semantics/symbols';
import { calls } from './calls';
import { capturedLoopVariable } from './captured-loop-variable';
import { constant } from './constant';
import { docComment } from './doc-comment';
import { imports } from './imports';
import type { Diagnostic, Lint } from './lint';
import { moduleStatement } from './module-statement';
import { paths } from './paths';
import { severityOf, weightOf } from './severity';
import { unknownMember } from './unknown-member';
import { unknownVariable } from './unknown-variable';
import { unreachable } from './unreachable';
import { unused } from './unused';

const LINTS: readonly Lint[] = [
  imports,
  unknownVariable,
  calls,
  paths,
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
    lint(analysis, ({ from, to }, code, message, fixes = []) => {
      // The parser has said what is wrong there.
      const before = errors[countWhile(errors, (error) => error.from < to) - 1];
      if (before && before.to > from) return;
      const idle = weightOf(code) === 'idle';
      // What is used where the text makes no sense is not seen.
      if (idle && errors.length) return;
      const diagnostic: Diagnostic = {
        from,
        to,
        severity: severityOf(code, isTried(analysis, from)),
        code,
        message,
        fixes: fixes.filter((fix) => fix !== null),
      };
      if (idle) diagnostic.tag = 'unnecessary';
      all.push(diagnostic);
    });
  }
  return all.sort((a, b) => a.from - b.from || a.to - b.to);
}

/** Whether the outermost `try` before an offset goes on over it. */
function isTried({ tried }: Analysis, offset: number): boolean {
  const at = countWhile(tried, ({ from }) => from <= offset) - 1;
  return at >= 0 && offset < tried[at]!.to;
}

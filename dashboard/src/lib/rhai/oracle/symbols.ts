// The symbols of a script as rows for other programs: declarations with their usages, what is unresolved, diagnostics.
import { diagnosticsOf } from '../lints';
import { analyse } from '../semantics/analyse';
import { docOf } from '../semantics/doc';
import type { Options } from '../semantics/symbols';
import { positions } from '../syntax/position';

export interface Place {
  from: number;
  to: number;
  /** As Rhai counts. */
  line: number;
  col: number;
}

export interface Symbols {
  declarations: (Place & {
    name: string;
    kind: string;
    /** How many scopes are around it; 0 at the top level. */
    depth: number;
    doc: string;
    usages: (Place & { kind: string })[];
  })[];
  unresolved: (Place & { name: string; kind: string })[];
  diagnostics: (Place & { severity: string; code: string; message: string })[];
}

export function symbols(source: string, options: Options = {}): Symbols {
  const analysis = analyse(source, options);
  const { positionAt } = positions(source, analysis.tree.odd);
  const place = ({ from, to }: { from: number; to: number }): Place => {
    const { line, column } = positionAt(from);
    return { from, to, line, col: column };
  };
  return {
    declarations: analysis.declarations
      .map((it) => ({
        name: it.name,
        kind: it.kind,
        ...place(it),
        depth: it.scope.depth,
        doc: docOf(analysis, it),
        usages: it.usages
          .filter((usage) => usage.declaration === it)
          .map((usage) => ({ kind: usage.kind, ...place(usage) })),
      }))
      .sort((a, b) => a.from - b.from),
    unresolved: analysis.usages
      .filter(({ declaration, known }) => !declaration && !known)
      .map((usage) => ({ name: usage.name, kind: usage.kind, ...place(usage) })),
    diagnostics: diagnosticsOf(analysis).map(({ severity, code, message, from, to }) => ({
      severity,
      code,
      message,
      ...place({ from, to }),
    })),
  };
}

// Completion from what is known at the caret.
import { autocompletion, snippet } from '@codemirror/autocomplete';
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { complete } from '../index';
import type { CompletionItem } from '../index';
import { card } from './dom';
import { serviceOf } from './service';

/** The icons of the editor's own kinds. */
const TYPES: Record<string, string> = { module: 'namespace', parameter: 'variable', snippet: 'text' };

function option({ label, kind, detail, doc, snippet: template, rank }: CompletionItem): Completion {
  const short = detail.startsWith(label) ? detail.slice(label.length) : detail;
  return {
    label,
    type: TYPES[kind] ?? kind,
    detail: short,
    boost: rank,
    // A snippet and a keyword may have one label.
    ...(kind === 'snippet' && { sortText: `${label}~` }),
    ...(template && { apply: snippet(template) }),
    ...(doc && { info: () => card(detail, '', doc) }),
  };
}

async function source(context: CompletionContext): Promise<CompletionResult | null> {
  const { state, pos, explicit } = context;
  const service = serviceOf(state);
  const ask = async () => {
    const analysis = await service.pause(state.doc);
    return analysis && !context.aborted ? complete(analysis, pos, explicit) : null;
  };
  let found = await ask();
  // The first time that an imported script is looked into, it has to be fetched.
  if (!found && (await service.host.settle?.())) found = await ask();
  return found && { from: found.from, to: found.to, options: found.items.map(option), validFor: /^\w*$/ };
}

export const completion = autocompletion({ override: [source] });

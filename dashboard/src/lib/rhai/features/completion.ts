// Completion: what may be written at an offset, the likeliest first.
import { pathAt } from '../syntax/tree';
import { BUILTINS, namespaceOf, signatureOf } from '../semantics/api';
import type { ApiFunction } from '../semantics/api';
import { membersOf, moduleAt } from '../semantics/modules';
import { importAt, scopeAt, visibleAt } from '../semantics/scopes';
import { chainShape } from '../semantics/shapes';
import type { Analysis, Declaration } from '../semantics/symbols';
import { describe, typeOf } from './describe';
import { contextAt } from './context';
import { keywordItems } from './keywords';
import { apiMembers } from './members';
import { inComment, inText, linkAt, tokenBefore, wordAt } from './place';

export type CompletionKind =
  | 'variable'
  | 'constant'
  | 'parameter'
  | 'function'
  | 'method'
  | 'property'
  | 'namespace'
  | 'module'
  | 'keyword'
  | 'snippet';

export interface CompletionItem {
  label: string;
  kind: CompletionKind;
  /** A type or a signature. */
  detail: string;
  doc: string;
  /** What is inserted when it is not the label: a template with `${name}` for each tab stop. */
  snippet?: string;
  /** Higher is better. */
  rank: number;
}

export interface Completion {
  /** What is replaced. */
  from: number;
  to: number;
  items: CompletionItem[];
}

/** `explicit`: asked for by a key, not by writing. */
export function complete(analysis: Analysis, offset: number, explicit = false): Completion | null {
  const { tree } = analysis;
  if (inComment(tree, offset)) return null;
  const index = tokenBefore(tree, offset);
  const token = tree.tokens[index];
  if (token && inText(tree, token, offset)) return scripts(analysis, index, offset);
  if (token && /^(int|float|char|string)$/.test(token.kind) && offset <= token.to) return null;
  const { from, before } = wordAt(tree, offset);
  const previous = tree.tokens[before]?.kind;
  const answer = (items: CompletionItem[]): Completion | null =>
    items.length ? { from, to: offset, items: ordered(items) } : null;
  if (previous === '.' || previous === '?.') return answer(members(analysis, before));
  if (previous === '::') return answer(pathMembers(analysis, before, offset));
  if (!explicit && from === offset) return null;
  const context = contextAt(analysis, from, before);
  if (!context) return null;
  const items = keywordItems(context);
  if (context.value) items.push(...names(analysis, from), ...functions(analysis));
  return answer(items);
}

function ordered(items: CompletionItem[]): CompletionItem[] {
  return items.sort((a, b) => b.rank - a.rank || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
}

/** `import "..` */
function scripts(analysis: Analysis, index: number, offset: number): Completion | null {
  const { tree, options } = analysis;
  const token = tree.tokens[index]!;
  if (tree.tokens[index - 1]?.kind !== 'import' || !options.moduleNames) return null;
  const items: CompletionItem[] = [];
  for (const label of options.moduleNames()) {
    if (label !== options.name) items.push({ label, kind: 'module', detail: 'script', doc: '', rank: 0 });
  }
  const closed = offset < token.to && /["`]$/.test(tree.source.slice(token.from + 1, token.to));
  return { from: token.from + 1, to: closed ? token.to - 1 : offset, items: ordered(items) };
}

/** With a place for the arguments, unless there is none to give. */
function callTemplate(name: string, params: number): string {
  return params ? `${name}(\${})` : `${name}()`;
}

const fewest = (functions: ApiFunction[]) => Math.max(...functions.map((it) => it.params.length));

/** What follows a dot. */
function members(analysis: Analysis, dot: number): CompletionItem[] {
  const at = linkAt(analysis.tree, dot);
  if (!at) return [];
  const shape = chainShape(analysis, at.chain, at.place);
  const items: CompletionItem[] = [];
  for (const [label, field] of shape.fields ?? []) {
    if (!/^[A-Za-z_]\w*$/.test(label) || field.from === at.link.from + 1) continue;
    const inner = field.shape();
    const item: CompletionItem = { label, kind: 'property', detail: typeOf(inner), doc: '', rank: 90 };
    if (inner.callable) item.snippet = callTemplate(label, inner.callable.params.items.length);
    items.push(item);
  }
  const known = new Set(items.map((item) => item.label));
  for (const { name, method, functions } of apiMembers(analysis.options.api, shape)) {
    if (known.has(name)) continue;
    const [first] = functions;
    const rest = functions.length > 1 ? ` (+${functions.length - 1})` : '';
    items.push({
      label: name,
      kind: method ? 'method' : 'property',
      detail: method ? signatureOf(first!, true) + rest : first!.returns,
      doc: first!.doc,
      rank: first!.params[0]!.type === 'any' ? 5 : method ? 20 : 40,
      ...(method ? { snippet: callTemplate(name, fewest(functions) - 1) } : {}),
    });
  }
  if (shape.type === 'Fn') items.push({ ...special('call'), rank: 60 }, special('curry'));
  for (const list of analysis.functions.values()) {
    for (const it of list) {
      if (usesThis(analysis, it)) items.push(functionItem(analysis, it, it.receiver ? 30 : 10));
    }
  }
  return items;
}

const special = (label: string): CompletionItem => ({
  label,
  kind: 'method',
  detail: `${label}(..)`,
  doc: label === 'call' ? 'Calls it.' : 'A pointer with its first arguments given.',
  snippet: `${label}(\${})`,
  rank: 20,
});

/** Functions that are meant to be called on a value. */
function usesThis({ tree }: Analysis, { node, receiver }: Declaration): boolean {
  if (receiver) return true;
  for (let i = node.first; i < node.end; i++) if (tree.tokens[i]?.kind === 'this') return true;
  return false;
}

function functionItem(analysis: Analysis, it: Declaration, rank: number): CompletionItem {
  const { signature, doc } = describe(analysis, it);
  const { name, arity } = it;
  return { label: name, kind: 'function', detail: signature, doc, snippet: callTemplate(name, arity), rank };
}

function declarationItem(analysis: Analysis, it: Declaration, rank: number, label = it.name): CompletionItem {
  if (it.kind === 'function') return { ...functionItem(analysis, it, rank), label };
  const { signature, value, doc } = describe(analysis, it);
  const detail =
    it.kind === 'import' ? signature : value || signature.slice(signature.indexOf(':') + 1 || Infinity);
  const kind =
    it.kind === 'import'
      ? 'module'
      : it.kind === 'constant' || it.kind === 'parameter'
        ? it.kind
        : 'variable';
  return { label, kind, detail: detail.trim(), doc, rank };
}

function apiItems(functions: Iterable<[string, ApiFunction[]]>, rank: number): CompletionItem[] {
  const items: CompletionItem[] = [];
  for (const [label, list] of functions) {
    const [first] = list;
    items.push({
      label,
      kind: 'function',
      detail: signatureOf(first!) + (list.length > 1 ? ` (+${list.length - 1})` : ''),
      doc: first!.doc,
      snippet: callTemplate(label, fewest(list)),
      rank,
    });
  }
  return items;
}

/** What follows `::`. */
function pathMembers(analysis: Analysis, before: number, offset: number): CompletionItem[] {
  const { tree, options, root } = analysis;
  const found = pathAt(tree.root, tree.tokens[before]!.from).find((node) => node.kind === 'path');
  if (found?.kind !== 'path') return [];
  const count = found.parts.filter((part) => part.end <= before && part.text).length;
  const [first] = found.parts;
  if (count === 1 && first!.text === 'global') {
    const constants = root.declarations.filter((it) => it.kind === 'constant');
    return constants.map((it) => declarationItem(analysis, it, 0));
  }
  const module = moduleAt(analysis, found, count);
  if (!module) {
    const imported = importAt(root, scopeAt(root, offset), first!.text, offset);
    return count === 1 && !imported ? apiItems(namespaceOf(options.api, first!.text), 0) : [];
  }
  const items = membersOf(module.analysis).map(({ name, declaration }) =>
    declarationItem(module.analysis, declaration, 0, name),
  );
  for (const it of module.analysis.root.declarations) {
    if (it.kind === 'import') items.push(declarationItem(module.analysis, it, -1));
  }
  return items;
}

/** Names that can be seen, the nearest first. */
function names(analysis: Analysis, offset: number): CompletionItem[] {
  const { root, options } = analysis;
  const items = visibleAt(scopeAt(root, offset), offset).map(({ declaration, distance }) =>
    declarationItem(analysis, declaration, 90 - Math.min(distance, 30)),
  );
  for (const { name, type, doc } of options.api?.names.values() ?? []) {
    items.push({ label: name, kind: 'variable', detail: type, doc, rank: 50 });
  }
  return items;
}

/** Functions that need no value before them. */
function functions(analysis: Analysis): CompletionItem[] {
  const { options, functions: own } = analysis;
  const items: CompletionItem[] = [];
  for (const list of own.values()) {
    for (const it of list) if (!it.receiver) items.push(functionItem(analysis, it, 45));
  }
  const { api } = options;
  if (!api) return items;
  for (const label of api.namespaces.keys()) {
    items.push({ label, kind: 'namespace', detail: 'namespace', doc: '', snippet: `${label}::`, rank: 35 });
  }
  const plain: [string, ApiFunction[]][] = BUILTINS.filter(
    ({ name }) => !/^(eval|print|debug)$/.test(name),
  ).map((it) => [it.name, [it]]);
  for (const [name, list] of api.functions) {
    const fits = list.filter((it) => isPlain(it));
    if (fits.length) plain.push([name, fits]);
  }
  return items.concat(apiItems(plain, 10));
}

/** What takes a value of its own type reads better as a method of it. */
function isPlain({ name, params }: ApiFunction): boolean {
  return !params.length || /^(int|float)$/.test(params[0]!.type) || /^(parse_|print|debug$)/.test(name);
}

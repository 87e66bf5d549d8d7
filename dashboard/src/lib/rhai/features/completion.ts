// Completion: what may be written at an offset, the likeliest first.
import type { Chain, Node } from '../syntax/tree';
import { pathAt } from '../syntax/walk';
import { asMethod, BUILTINS, builtinsOf, signatureOf } from '../semantics/api';
import type { ApiFunction } from '../semantics/api';
import { CALLABLE_METHODS } from '../syntax/token';
import { membersOf, moduleAt } from '../semantics/modules';
import { importAt, scopeAt, visibleAt } from '../semantics/scopes';
import { usedFields } from '../semantics/origins';
import { chainShape, usageAt } from '../semantics/shapes';
import type { Analysis, Declaration, Scope } from '../semantics/symbols';
import { describe, typeOf } from './describe';
import { contextAt } from './context';
import type { Completion, CompletionItem, CompletionKind } from './item';
import { keywordItems } from './keywords';
import { apiMembers } from './members';
import { inComment, inText, linkAt, tokenBefore, WORD, wordAt } from './place';

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
  if (context.variable) items.push(...variables(analysis, from));
  if (context.value) items.push(...names(analysis, from));
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
  const others = options.moduleNames().filter((name) => name !== options.name);
  const items = others.map((name) => item(name, 'module', 0, 'script'));
  const closed = offset < token.to && /["`]$/.test(tree.source.slice(token.from + 1, token.to));
  return { from: token.from + 1, to: closed ? token.to - 1 : offset, items: ordered(items) };
}

type Item = (
  label: string,
  kind: CompletionKind,
  rank: number,
  detail?: string,
  doc?: string,
) => CompletionItem;

const item: Item = (label, kind, rank, detail = '', doc = '') => ({ label, kind, detail, doc, rank });

/** With a place for the arguments, unless there is none to give. */
function callable(it: CompletionItem, params: number): CompletionItem {
  return { ...it, snippet: params ? `${it.label}(\${})` : `${it.label}()` };
}

/** All variants of a function in one item. */
function variants(
  label: string,
  list: ApiFunction[],
  kind: 'function' | 'method',
  rank: number,
): CompletionItem {
  const more = list.length > 1 ? ` (+${list.length - 1})` : '';
  const params = Math.max(...list.map((it) => it.params.length));
  return callable(item(label, kind, rank, signatureOf(list[0]!) + more, list[0]!.doc), params);
}

/** What follows a dot. */
function members(analysis: Analysis, dot: number): CompletionItem[] {
  const at = linkAt(analysis.tree, dot);
  if (!at) return [];
  const { api } = analysis.options;
  const shape = chainShape(analysis, at.chain, at.place);
  const items = new Map<string, CompletionItem>();
  for (const [label, field] of shape.fields ?? []) {
    // The one that is being written is none.
    if (!WORD.test(label) || field.from === at.link.from + 1) continue;
    const inner = field.shape();
    const property = item(label, 'property', 90, typeOf(inner));
    const { length } = inner.callable?.params.items ?? [];
    items.set(label, inner.callable ? callable(property, length ?? 0) : property);
  }
  if (!shape.type || shape.type === 'map') {
    for (const name of usedFields(analysis, at.chain, at.place)) {
      if (WORD.test(name) && !items.has(name)) items.set(name, item(name, 'property', 80, 'used elsewhere'));
    }
  }
  for (const [name, { method, common, functions }] of api ? apiMembers(api, shape.type) : []) {
    if (items.has(name)) continue;
    const [{ returns, doc }] = functions as [ApiFunction];
    const rank = common ? 5 : method ? 20 : 40;
    items.set(
      name,
      method ? variants(name, functions, 'method', rank) : item(name, 'property', rank, returns, doc),
    );
  }
  if (isCaught(analysis, at.chain, at.place)) {
    for (const [name, doc] of CAUGHT) items.set(name, item(name, 'property', 70, 'string', doc));
  }
  for (const name of CALLABLE_METHODS) {
    // `value.call(f)` calls `f` with the value as its `this`.
    const rank = !/^c/.test(name) ? 4 : shape.type === 'Fn' ? 60 : shape.type ? 4 : 20;
    if ((name === 'curry' && shape.type && shape.type !== 'Fn') || items.has(name)) continue;
    items.set(name, variants(name, builtinsOf(name).map(asMethod), 'method', rank));
  }
  for (const list of analysis.functions.values()) {
    const it = list.find(({ node, receiver }) => receiver || usesThis(analysis, node));
    if (it) items.set(it.name, declared(analysis, it, it.receiver ? 30 : 10));
  }
  return [...items.values()];
}

/** Functions that are meant to be called on a value. */
function usesThis({ tree }: Analysis, { first, end }: Node): boolean {
  return tree.tokens.slice(first, end).some(({ kind }) => kind === 'this');
}

function declared(analysis: Analysis, it: Declaration, rank: number, label = it.name): CompletionItem {
  const { signature, value, doc } = describe(analysis, it);
  const { kind } = it;
  if (kind === 'function') return callable(item(label, kind, rank, signature, doc), it.arity);
  if (kind === 'import') return item(label, 'module', rank, signature, doc);
  const type = /: (.*)/.exec(signature);
  return item(label, kind === 'loop' || kind === 'catch' ? 'variable' : kind, rank, value || type?.[1], doc);
}

/** What follows `::`. */
function pathMembers(analysis: Analysis, before: number, offset: number): CompletionItem[] {
  const { tree, options, root } = analysis;
  const found = pathAt(tree.root, tree.tokens[before]!.from).find((node) => node.kind === 'path');
  if (found?.kind !== 'path') return [];
  const count = found.parts.filter((part) => part.end <= before && part.text).length;
  const { text } = found.parts[0]!;
  const only = (of: Analysis, kind: Declaration['kind'], rank: number) =>
    of.root.declarations.filter((it) => it.kind === kind).map((it) => declared(of, it, rank));
  if (text === 'global') return only(analysis, 'constant', 0);
  const module = moduleAt(analysis, found, count);
  if (module) {
    const own = membersOf(module.analysis).map((it) => declared(module.analysis, it.declaration, 0, it.name));
    return [...own, ...only(module.analysis, 'import', -1)];
  }
  if (count > 1 || importAt(root, scopeAt(root, offset), text, offset)) return [];
  const members = options.api?.namespaces.get(text) ?? [];
  return [...members].map(([label, list]) => variants(label, list, 'function', 0));
}

/** Variables that can be seen, the nearest first. */
function variables(analysis: Analysis, offset: number): CompletionItem[] {
  return visibleAt(scopeAt(analysis.root, offset), offset).map(({ declaration, distance }) =>
    declared(analysis, declaration, 90 - Math.min(distance, 30)),
  );
}

/** Names that can be seen, and functions that need no value before them. */
function names(analysis: Analysis, offset: number): CompletionItem[] {
  const { root, options } = analysis;
  const items = variables(analysis, offset);
  for (const list of analysis.functions.values()) {
    for (const it of list) if (!it.receiver) items.push(declared(analysis, it, 45));
  }
  items.push(...outerConstants(analysis, scopeAt(root, offset)));
  const { names = [], namespaces, functions = [] } = options.api ?? {};
  for (const [name, { type, doc }] of names) items.push(item(name, 'variable', 50, type, doc));
  for (const name of namespaces?.keys() ?? []) {
    items.push({ ...item(name, 'namespace', 35, 'namespace'), snippet: `${name}::` });
  }
  const plain = new Map(BUILTINS.map((it) => [it.name, [it]]));
  plain.delete('eval');
  for (const [name, list] of functions) {
    const fits = list.filter(isPlain);
    if (fits.length) plain.set(name, fits);
    else items.push(variants(name, list, 'function', 1));
  }
  for (const [name, list] of plain) items.push(variants(name, list, 'function', 10));
  return items;
}

/** The constants of the top level are seen through `global`, and in a function only so. */
function outerConstants(analysis: Analysis, scope: Scope | null): CompletionItem[] {
  const constants = analysis.root.declarations.filter(({ kind }) => kind === 'constant');
  if (!constants.length) return [];
  while (scope && scope.kind !== 'fn') scope = scope.parent;
  const global = { ...item('global', 'namespace', 35, 'namespace'), snippet: 'global::' };
  if (!scope) return [global];
  const items = constants.map((it) => ({ ...declared(analysis, it, 48), snippet: `global::${it.name}` }));
  return [...items, global];
}

/** What is caught where nothing of the script's own was thrown. */
const CAUGHT = [
  ['message', 'What went wrong, in words.'],
  ['code', 'What went wrong, of what the API throws: a word such as `bad_json`.'],
  ['error', 'The kind of what Rhai itself throws, such as `ErrorArithmetic`.'],
] as const;

/** Whether the value before the link is that of a `catch`. */
function isCaught(analysis: Analysis, { root }: Chain, place: number): boolean {
  return place === 0 && usageAt(analysis, root.from)?.declaration?.kind === 'catch';
}

/** What takes a value of its own type reads better as a method of it. */
function isPlain({ name, params }: ApiFunction): boolean {
  return !params.length || /^(int|float)$/.test(params[0]!.type) || /^(parse_|print|debug$)/.test(name);
}

// The functions that may be meant where something is called, of the script, of its modules and of the API alike.
import type { Call, Closure, Function, Method } from '../syntax/tree';
import { builtinsOf, methodsOf } from './api';
import type { ApiFunction } from './api';
import { docOf } from './doc';
import { memberOf } from './modules';
import { namespaceOf, resultOf } from './shapes';
import type { Shape } from './shape';
import type { Analysis, Declaration } from './symbols';

export function functionOf(
  analysis: Analysis,
  name: string,
  node: Function | Closure,
  doc = '',
): ApiFunction {
  const params = node.params.items.map((item) => ({ name: item.text, type: 'any' }));
  return { name, namespace: '', doc, params, returns: resultOf(analysis, node).type };
}

function ofDeclarations(analysis: Analysis, all: Declaration[]): ApiFunction[] {
  return all.flatMap((it) =>
    it.node.kind === 'fn' ? [functionOf(analysis, it.name, it.node, docOf(analysis, it))] : [],
  );
}

/** For a method, `shape` is that of the value before the dot. */
export function calleesOf(analysis: Analysis, node: Call | Method, shape: Shape): ApiFunction[] {
  const { api } = analysis.options;
  const callee = node.kind === 'call' ? node.callee : node.name;
  if (callee.kind === 'path') {
    const found = memberOf(analysis, callee, node.args.items.length);
    return found ? ofDeclarations(found.analysis, found.all) : namespaceOf(analysis, callee);
  }
  const name = callee.text;
  const isCall = node.kind === 'call';
  const all = analysis.functions.get(name) ?? [];
  const own = ofDeclarations(analysis, isCall ? all.filter((it) => !it.receiver) : all);
  if (isCall) return [...own, ...(api?.functions.get(name) ?? builtinsOf(name))];
  const field = shape.fields?.get(name);
  const callable = name === 'call' ? shape.callable : field?.shape().callable;
  return callable
    ? [functionOf(field?.analysis ?? analysis, name, callable)]
    : [...own, ...methodsOf(api, shape.type, name)];
}

// From a text or a tree to its meaning. One analysis serves all features; keep it as long as the text.
import { parse } from '../syntax/parser';
import type { Tree } from '../syntax/tree';
import { resolve } from './resolve';
import type { Analysis, Options } from './symbols';

export function analyse(source: string | Tree, options: Options = {}): Analysis {
  return resolve(typeof source === 'string' ? parse(source) : source, options);
}

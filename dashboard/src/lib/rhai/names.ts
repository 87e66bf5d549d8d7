// What a module may be called: the host's rule (RESERVED_FOR_SCRIPTS), which names.test.ts compares with this one. Pages
// without an editor import this file by itself.
import { CALLABLE, KEYWORDS, RESERVED } from './syntax/token';

/** Bytes of a script's name, folders included. */
export const NAME_LONGEST = 64;

const NAME = /^[a-z][a-z0-9_]*(\/[a-z][a-z0-9_]*)*$/;

/** The namespaces of what scripts see, also of what is planned, and words beside those of the language. */
const TAKEN = (
  'base64 crypto csv ctx decimal docs env event global gzip hex html http invoke json jwt kv log markdown password qr queue random ' +
  'regex req reply secret template text time toml topic url uuid xml yaml default exit print protected public until var'
).split(' ');

/** The names that no module can have, as they would hide something. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set(
  [...TAKEN, ...KEYWORDS, ...CALLABLE, ...RESERVED].filter((word) => /^[a-z]/.test(word)),
);

/** Why a module cannot be called so; empty when it can. */
export function refusalOf(name: string): string {
  if (name.length > NAME_LONGEST && NAME.test(name))
    return `it has ${name.length} characters, ${NAME_LONGEST} are allowed`;
  if (!NAME.test(name))
    return 'names have a-z, 0-9 and _, and are counted from the top of the app, as in `shop/orders`';
  if (RESERVED_NAMES.has(name)) return 'it is a word of the language or of its API';
  return '';
}

/** What was probably meant by a name that cannot be: a path to a file becomes the name of the script in it. */
export function nameMeant(name: string): string {
  const parts: string[] = [];
  for (const part of name.replace(/\.rhai$/i, '').split(/[/\\:]+/)) {
    if (part === '..') parts.pop();
    else if (part && part !== '.') parts.push(part);
  }
  const plain = parts
    .map((part) =>
      part
        .replace(/([a-z])(?=[A-Z])/g, '$1_')
        .toLowerCase()
        .replace(/[^a-z0-9_]+/g, '_')
        .replace(/^[^a-z]+|_+$/g, ''),
    )
    .filter((part) => part)
    .join('/');
  const free = RESERVED_NAMES.has(plain) ? `${plain}_lib` : plain;
  return free && !refusalOf(free) ? free : '';
}

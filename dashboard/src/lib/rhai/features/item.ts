// What completion proposes.
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

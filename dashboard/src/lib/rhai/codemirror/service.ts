// One analysis for each state of the document, which everything in the editor reads.
import { Facet, StateEffect } from '@codemirror/state';
import type { EditorState, Text } from '@codemirror/state';
import { analyse, parse } from '../index';
import type { Analysis, Options, Tree } from '../index';

/** What the editor is told by whoever shows it. */
export interface Host {
  /** What is known of the API and of the app's other scripts; asked for with every analysis. */
  options?: () => Options;
  /** Gets the scripts that import a module, as they are now, before something is looked for in them; their names. */
  load?: (module: string) => Promise<string[]>;
  /** Waits for the scripts that are on their way; whether there were any. */
  settle?: () => Promise<boolean>;
  /** Shows a place of another script. */
  open?: (script: string, from: number, to: number) => void;
}

/** Characters, some 2,000 lines: what is longer is analysed when the writer pauses, not on the key stroke. */
const LARGE = 60_000;
const PAUSE_MS = 200;

export class Service {
  #trees = new WeakMap<Text, Tree>();
  #analyses = new WeakMap<Text, Analysis>();
  #awaited: { doc: Text; done: Promise<Analysis | null>; cancel: () => void } | null = null;

  constructor(readonly host: Host) {}

  /** The analysis, whatever it costs. */
  of(doc: Text): Analysis {
    let analysis = this.#analyses.get(doc);
    if (!analysis) {
      let tree = this.#trees.get(doc);
      if (!tree) this.#trees.set(doc, (tree = parse(doc.toString())));
      this.#analyses.set(doc, (analysis = analyse(tree, this.host.options?.())));
    }
    return analysis;
  }

  /** The analysis when it is there or costs little. */
  ready(doc: Text): Analysis | null {
    return doc.length < LARGE || this.#analyses.has(doc) ? this.of(doc) : null;
  }

  /** The analysis when there is time for it; null when the document became another one before that. */
  pause(doc: Text): Promise<Analysis | null> {
    const analysis = this.ready(doc);
    if (analysis) return Promise.resolve(analysis);
    if (this.#awaited?.doc === doc) return this.#awaited.done;
    this.#awaited?.cancel();
    let cancel = () => {};
    const done = new Promise<Analysis | null>((resolve) => {
      const timer = setTimeout(() => {
        this.#awaited = null;
        resolve(this.of(doc));
      }, PAUSE_MS);
      cancel = () => {
        clearTimeout(timer);
        resolve(null);
      };
    });
    this.#awaited = { doc, done, cancel };
    return done;
  }

  /** The API or other scripts have changed: names may mean something else. */
  forget() {
    this.#analyses = new WeakMap();
  }
}

export const service = Facet.define<Service, Service>({ combine: ([first]) => first ?? new Service({}) });

export const serviceOf = (state: EditorState) => state.facet(service);

export const analysisOf = (state: EditorState) => serviceOf(state).of(state.doc);

/** What is known of other scripts or of the API has changed. */
export const refresh = StateEffect.define<null>();

// Who is signed in: a token that lives as long as this tab, in no cookie and in no address.

const KEY = 'picloud.token';

/** The one session of this tab. */
export class Session {
  /** Sent with every call; empty when nobody is signed in. */
  token = $state('');
  /** Why the last session ended, for the sign-in page. */
  ended = $state('');
  readonly #store: Storage;

  constructor(store: Storage) {
    this.#store = store;
    this.token = store.getItem(KEY) ?? '';
  }

  begin(token: string) {
    this.token = token.trim();
    this.ended = '';
    this.#store.setItem(KEY, this.token);
  }

  end(why = '') {
    this.token = '';
    this.ended = why;
    this.#store.removeItem(KEY);
  }
}

export const session = new Session(globalThis.sessionStorage);

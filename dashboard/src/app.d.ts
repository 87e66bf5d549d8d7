declare global {
  namespace App {
    /** What the API said, or our own words when it could not be asked. */
    interface Error {
      message: string;
      code: string;
      details?: Record<string, unknown> | null;
    }
  }
}

export {};

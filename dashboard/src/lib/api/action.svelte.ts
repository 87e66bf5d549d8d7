// Something a person does that may take a moment and may fail.
import { problem, type Problem } from './client';

/** One at a time: while it is busy, another try is ignored. */
export class Action {
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);

  /** Whether it went well; if not, `problem` says why. */
  async run(work: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    try {
      await work();
    } catch (thrown) {
      this.problem = problem(thrown);
    } finally {
      this.busy = false;
    }
    return this.problem === null;
  }

  /** The same for a form. */
  submit = (work: () => Promise<void>) => (event: SubmitEvent) => {
    event.preventDefault();
    void this.run(work);
  };
}

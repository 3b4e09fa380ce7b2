/** A number of places; who finds none free waits in line. */
export class ConnectionSlots {
  limit: number;
  private taken = 0;
  private waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Takes a place and resolves with what gives it back, or with undefined when none came free in time. */
  async take(patienceMs: number): Promise<(() => void) | undefined> {
    if (this.taken < this.limit) return this.occupy();
    return new Promise((resolve) => {
      const proceed = () => {
        clearTimeout(timer);
        resolve(this.occupy());
      };
      const timer = setTimeout(() => {
        this.waiting = this.waiting.filter((other) => other !== proceed);
        resolve(undefined);
      }, patienceMs);
      this.waiting.push(proceed);
    });
  }

  private occupy(): () => void {
    this.taken += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.taken -= 1;
      if (this.taken < this.limit) this.waiting.shift()?.();
    };
  }
}

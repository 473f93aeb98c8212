import { accountOf } from './account.ts';
import { type ChildFiles, startChildFiles } from './child.ts';

/** The child processes of one call of `withOwnerFiles` or `withDirectoryOwners`, at most one for each account. */
export class Children {
  readonly #started = new Map<number, Promise<ChildFiles>>();

  /**
   * The child process of an account, which is started if it does not run yet; `undefined` for root, because this
   * process has the rights of root.
   */
  async of(uid: number): Promise<ChildFiles | undefined> {
    if (uid === 0) return undefined;
    const known = this.#started.get(uid) ?? accountOf(uid).then(startChildFiles);
    this.#started.set(uid, known);
    return await known;
  }

  end(): void {
    for (const child of this.#started.values()) {
      child.then(
        ({ end }) => end(),
        () => undefined,
      );
    }
  }
}

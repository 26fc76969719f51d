/** Takes the place of the thread that takes the MD5 in a bundle that measures what the other hash costs. */
export class Md5Thread {
  static forLarge(): Md5Thread {
    return new Md5Thread();
  }
  async digest(): Promise<string> {
    return "";
  }
  async end(): Promise<void> {}
}

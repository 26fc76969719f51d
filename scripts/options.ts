import { type ParseArgsConfig, parseArgs } from "node:util";

/**
 * The options that a script was called with. `--help` prints its usage and ends it, and so does an option that it does
 * not know, as a failure.
 * @param usage how it is called, and what each option does, a line each
 */
export function readOptions<T extends NonNullable<ParseArgsConfig["options"]>>(usage: string, options: T) {
  if (process.argv.includes("--help")) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}

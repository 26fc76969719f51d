// `npm run verify:live`: asks the real services what nobody could try yet, with an account of yours. Cleans up after itself.
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Beliefs } from "./live/beliefs.ts";
import { askGraph } from "./live/graph.ts";
import { askNylas } from "./live/nylas.ts";

const usage = `Usage: npm run verify:live -- [--send] [--report FILE]

Set the keys of the mailbox to ask with, in the environment of this command only:

  LIVE_NYLAS_KEY and LIVE_NYLAS_GRANT    an API key and a grant's ID (LIVE_NYLAS_URI: another region's address)
  LIVE_GRAPH_TOKEN                       an access token with Mail.ReadWrite, Mail.Send and User.Read
                                         (LIVE_GRAPH_URI: another cloud's address)

  --send         also send one mail of 40 MB to yourself
  --report FILE  where the report goes; verify-live.md unless told. It contains no key, address or ID.
`;

const { values } = parseArgs({
  options: {
    send: { type: "boolean", default: false },
    report: { type: "string", default: "verify-live.md" },
  },
});
const {
  LIVE_NYLAS_KEY: key,
  LIVE_NYLAS_GRANT: grantId,
  LIVE_NYLAS_URI: apiUri = "https://api.us.nylas.com",
  LIVE_GRAPH_TOKEN: token,
  LIVE_GRAPH_URI: baseUrl = "https://graph.microsoft.com",
} = process.env;

const beliefs = new Beliefs((line) => console.log(line));
const questions = [
  ...(key && grantId ? [() => askNylas({ apiUri, key, grantId }, values.send, beliefs)] : []),
  ...(token ? [() => askGraph({ baseUrl, token }, values.send, beliefs)] : []),
];
if (questions.length === 0) {
  console.error(usage);
  process.exitCode = 2;
} else {
  for (const question of questions)
    await beliefs.ask("Everything could be asked", async () => {
      await question();
      return [true, "yes"];
    });
  await writeFile(values.report, beliefs.report, { mode: 0o600 });
  const differing = beliefs.rows.filter(({ verdict }) => verdict !== "holds").length;
  console.log(
    `\n${beliefs.rows.length} beliefs, ${differing} not as expected. The report is in ${values.report}.`,
  );
  process.exitCode = differing === 0 ? 0 : 1;
}

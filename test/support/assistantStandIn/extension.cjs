// Asks for `{ tool, input }` as JSON, uses the tool as VS Code has an assistant use it, and writes down what came of it.
// Runs a command, too, as any extension may: `{ command, args }`.
const { writeFileSync } = require("node:fs");
const vscode = require("vscode");

const outcomeFile = process.env.ASSISTANT_STAND_IN;

/** Whatever takes the focus meanwhile. */
const asked = async (prompt) =>
  JSON.parse(await vscode.window.showInputBox({ prompt, ignoreFocusOut: true }));

async function use() {
  const call = await asked("Tool and input");
  const options = { input: call.input, toolInvocationToken: undefined };
  try {
    const { content } = await vscode.lm.invokeTool(call.tool, options);
    return { text: content.map(({ value }) => value).join("") };
  } catch (reason) {
    return { error: String(reason?.message ?? reason) };
  }
}

async function run() {
  const { command, args } = await asked("Command and arguments");
  await vscode.commands.executeCommand(command, ...args);
}

exports.activate = () => {
  vscode.commands.registerCommand("assistantStandIn.run", run);
  vscode.commands.registerCommand("assistantStandIn.use", async () => {
    writeFileSync(outcomeFile, JSON.stringify(await use()));
  });
};

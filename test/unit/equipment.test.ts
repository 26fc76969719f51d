import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/vscode/layout.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");
const manifest: {
  readonly scripts: Readonly<Record<string, string>>;
  readonly contributes: { readonly configuration: readonly { readonly properties: object }[] };
} = JSON.parse(read("package.json"));
const { tasks }: { readonly tasks: readonly { readonly label: string; readonly script: string }[] } =
  JSON.parse(read(".vscode/tasks.json"));
const launch: {
  readonly configurations: readonly {
    readonly name: string;
    readonly program?: string;
    readonly preLaunchTask?: string;
  }[];
} = JSON.parse(read(".vscode/launch.json"));

describe("What a developer presses", () => {
  for (const { label, script } of tasks)
    it(`runs a script that there is: the task ${label}`, () => assert.ok(script in manifest.scripts));

  for (const { name, program, preLaunchTask } of launch.configurations)
    it(`starts something that there is: ${name}`, () => {
      if (program !== undefined)
        assert.ok(existsSync(program.replace(/^\$\{workspaceFolder\}/, root)), `${program} is missing`);
      if (preLaunchTask !== undefined) assert.ok(tasks.some(({ label }) => label === preLaunchTask));
    });

  it("is the same in public CI: its suites exist", () => {
    const named = [...read(".github/workflows/ci.yml").matchAll(/--only ([\w,]+)$/gm)].flatMap(
      ([, names = ""]) => names.split(","),
    );
    assert.ok(named.length > 0);
    for (const name of named) assert.ok(name === "check" || `test:${name}` in manifest.scripts, name);
  });
});

/** Paths of the repository that a document names in backticks, and what its links and pictures lead to. */
function pathsIn(text: string): string[] {
  const named = [...text.matchAll(/`((?:src|test|scripts|media)\/[\w./-]*)`/g)];
  const linked = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)];
  return [...named, ...linked].map(([, path = ""]) => path);
}

/** What a link may say behind "#" to reach a heading, as GitHub makes it. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe("The tests", () => {
  /** Lines on which a test is defined within another one, where it would never run. As all is formatted, indents tell. */
  function nested(text: string): readonly string[] {
    const around: { readonly indent: number; readonly isTest: boolean }[] = [];
    return text.split("\n").filter((line) => {
      const indent = line.search(/\S/);
      if (indent < 0) return false;
      while ((around.at(-1)?.indent ?? -1) >= indent) around.pop();
      const isTest = /^\s*it\w*\(/.test(line);
      const isNested = isTest && around.some((outer) => outer.isTest);
      around.push({ indent, isTest });
      return isNested;
    });
  }

  it("are seen where they are within one another", () => {
    assert.deepEqual(nested('it("a", () => {\n  for (const b of c)\n    it(b, d);\n});'), ["    it(b, d);"]);
    assert.deepEqual(nested('for (const b of c)\n  it(b, d);\n\nit("a", () => {\n  d();\n});'), []);
  });

  it("are not within one another", () => {
    const files = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => join("test", name));
    assert.ok(files.length > 100);
    assert.deepEqual(
      files.filter((file) => nested(read(file)).length > 0),
      [],
    );
  });
});

describe("The documents of the repository", () => {
  const documents = readdirSync(root).filter((name) => name.endsWith(".md"));

  it("are told from their text what they name", () =>
    assert.deepEqual(
      pathsIn(
        "`src/a.ts`, `test/b/`; [c](c.md#d), ![e](media/e.png), [f](https://f.example), [g](#g), `src/*.ts`",
      ),
      ["src/a.ts", "test/b/", "c.md", "media/e.png"],
    ));

  for (const name of documents)
    it(`name only what exists: ${name}`, () =>
      assert.deepEqual(
        pathsIn(read(name)).filter((path) => !existsSync(join(root, path))),
        [],
      ));

  for (const name of documents)
    it(`link to headings that there are: ${name}`, () => {
      const links = [...read(name).matchAll(/\]\(([\w.]*)#([^)]+)\)/g)];
      assert.deepEqual(
        links.flatMap(([, page = "", anchor = ""]) =>
          anchorsOf(read(page === "" ? name : page)).includes(anchor) ? [] : [`${page}#${anchor}`],
        ),
        [],
      );
    });

  it("explain every setting in the README", () => {
    const page = read("README.md");
    const settings = Object.keys(
      Object.assign({}, ...manifest.contributes.configuration.map(({ properties }) => properties)),
    );
    assert.ok(settings.length > 20);
    assert.deepEqual(
      settings.filter((name) => !page.includes(`\`${name}\``)),
      [],
    );
  });

  it("give the commands that CI runs", () => {
    const commands = read(".ci/run").match(/^npm .+$/gm) ?? [];
    assert.ok(commands.length > 0);
    assert.ok(read("README.md").includes(commands.join(" && ")), commands.join(" && "));
  });
});

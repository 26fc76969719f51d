import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import { cacheDir } from "./layout.ts";
import { chromiumBuild, fonts } from "./pins.ts";
import { fetchPackage, makeOnce, untar } from "./unpack.ts";

/** A browser and what it needs in its environment. */
export interface Browser {
  readonly executablePath: string;
  readonly env: Record<string, string>;
}

const dir = join(cacheDir, `chromium-${chromiumBuild.spec.split("@").at(-1)}`);

/**
 * Finds a Chromium, or downloads one. The pinned build comes before the machine's own: the same browser and the same
 * fonts give the same pictures and the same timing everywhere. `CHROMIUM_PATH` overrules that.
 */
export async function installChromium(): Promise<Browser> {
  const chosen = process.env["CHROMIUM_PATH"];
  if (chosen) return { executablePath: chosen, env: {} };
  const hindrance = whatHindersPinnedBuild();
  const own = machineBrowser();
  if (hindrance) {
    if (own) return { executablePath: own, env: {} };
    throw new Error(
      `${hindrance} Install Chromium or Google Chrome, or set CHROMIUM_PATH to the program of one (for example apt-get install chromium).`,
    );
  }
  if (!existsSync(dir)) {
    console.log(
      `Downloading Chromium (${chromiumBuild.spec}, ${chromiumBuild.megabytes} MB, once) and fonts.`,
    );
    await makeOnce(dir, fill);
  }
  return {
    executablePath: join(dir, "chromium"),
    env: { LD_LIBRARY_PATH: join(dir, "lib"), FONTCONFIG_FILE: join(dir, "fonts.conf") },
  };
}

async function fill(part: string): Promise<void> {
  const bin = join(part, "bin");
  await fetchPackage(chromiumBuild, part, ["LICENSE", "bin"]);
  const inflate = promisify(brotliDecompress);
  await writeFile(join(part, "chromium"), await inflate(await readFile(join(bin, "chromium.br"))));
  await chmod(join(part, "chromium"), 0o755);
  await untar(await inflate(await readFile(join(bin, "al2023.tar.br"))), part); // lib/: nss, nspr, expat
  await rm(bin, { recursive: true });
  const packed = join(part, "dejavu");
  await fetchPackage(fonts, packed, ["ttf", "LICENSE"]);
  await mkdir(join(part, "fonts"));
  for (const file of await readdir(join(packed, "ttf"))) {
    if (/^DejaVuSans(Mono)?(-\w+)?\.ttf$/.test(file)) {
      await rename(join(packed, "ttf", file), join(part, "fonts", file));
    }
  }
  await rename(join(packed, "LICENSE"), join(part, "fonts/LICENSE"));
  await rm(packed, { recursive: true });
  await writeFile(join(part, "fonts.conf"), fontsConf);
}

const fontsConf = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>DejaVu Sans</family></prefer></alias>
</fontconfig>
`;

/** The pinned build is a program for Linux on x64 that wants glibc 2.34 (Debian 12, Ubuntu 22.04). */
function whatHindersPinnedBuild(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return `There is no pinned Chromium for ${process.platform} on ${process.arch}.`;
  }
  const glibc = glibcVersion();
  if (glibc === undefined) return "The pinned Chromium needs glibc, which this system does not have.";
  const [major = 0, minor = 0] = glibc.split(".").map(Number);
  return major > 2 || minor >= 34
    ? undefined
    : `The pinned Chromium needs glibc 2.34; this system has ${glibc}.`;
}

function glibcVersion(): string | undefined {
  const report: unknown = process.report.getReport();
  if (typeof report !== "object" || report === null || !("header" in report)) return undefined;
  const { header } = report;
  if (typeof header !== "object" || header === null || !("glibcVersionRuntime" in header)) return undefined;
  return typeof header.glibcVersionRuntime === "string" ? header.glibcVersionRuntime : undefined;
}

function machineBrowser(): string | undefined {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const candidates = [
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ...["ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"].flatMap((variable) =>
      ["Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe"].map((program) =>
        join(process.env[variable] ?? "", program),
      ),
    ),
  ];
  return candidates.find((candidate) => existsSync(candidate));
}

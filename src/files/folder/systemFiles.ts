/** Files that a system keeps for itself beside those of a person: of no use elsewhere, and some name what else was there. */

const FILES =
  /^(\.ds_store|\._.*|thumbs\.db|ehthumbs(_vista)?\.db|desktop\.ini|icon\r|\.localized|\.volumeicon\.icns|\.apdisk|\.com\.apple\.timemachine\..*)$/is;
const FOLDERS =
  /^(__macosx|\.spotlight-v100|\.trashes|\.trash-\d+|\.fseventsd|\.temporaryitems|\.documentrevisions-v100|\.apple(double|db|desktop)|network trash folder|temporary items|\$recycle\.bin|system volume information)$/i;

/** By its ending, or as `Name.ending/Contents`, whatever it is for. */
const BUNDLE =
  /^(?:.*?[\\/])?([^\\/]+\.(?:(?:app|framework|xcframework|bundle|plugin|kext|appex|xpc)(?=[\\/])|[a-z]\w*(?=[\\/]Contents[\\/])))[\\/]/i;

/** By its name alone, in any case. */
export function isSystemFile(name: string, isFolder: boolean): boolean {
  return (isFolder ? FOLDERS : FILES).test(name);
}

/** The macOS bundle that a path lies in, the outermost; undefined outside of one. A bundle needs its inner links. */
export function bundleOf(path: string): string | undefined {
  return BUNDLE.exec(path)?.[1];
}

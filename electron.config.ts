import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const here = (path: string) => resolve(import.meta.dirname, path);

/** Each entry is a process or thread of its own: doors, workers, and the child that holds `cap`. */
const entries = {
  desktop: here('main/doors/desktop.ts'),
  cli: here('main/doors/cli.ts'),
  'session-worker': here('main/workbench/session-worker.ts'),
  'comparison-worker': here('main/workbench/comparison-worker.ts'),
  'grade-child': here('main/workbench/grading/grade-child.ts'),
  'cap-child': here('main/capture/cap-child.ts'),
};

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      // Flat, so that a module finds its neighbours (workers, the cap child) beside it whichever chunk it lands in.
      rollupOptions: { input: entries, output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' } },
      minify: false,
      sourcemap: true,
    },
  },
  preload: {
    // A sandboxed window loads CommonJS only.
    build: {
      outDir: 'out/preload',
      rollupOptions: { input: here('preload/index.ts'), output: { format: 'cjs', entryFileNames: 'index.cjs' } },
    },
  },
  renderer: {
    root: 'renderer',
    base: './',
    plugins: [react()],
    build: {
      outDir: here('out/renderer'),
      rollupOptions: { input: here('renderer/index.html') },
      minify: true,
      chunkSizeWarningLimit: 20_000,
    },
  },
});

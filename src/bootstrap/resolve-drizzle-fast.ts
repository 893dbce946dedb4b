import { registerHooks } from 'node:module';

/**
 * Takes about a second off every start. To learn whether a file is an ES module, Node reads the `package.json` above it
 * anew for each file; that of drizzle-orm has 180 kB, and it has hundreds of files. They are all ES modules.
 */
export function resolveDrizzleFast(): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const { parentURL } = context;
      const isInside = specifier.startsWith('.') && parentURL?.includes('/node_modules/drizzle-orm/');
      // A CommonJS file has the ending .cjs here and resolves as ever.
      if (!isInside || !specifier.endsWith('.js')) return nextResolve(specifier, context);
      return { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true };
    },
  });
}

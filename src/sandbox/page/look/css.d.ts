declare module '*.css';
// The package's own declaration asks for a compiler option that nothing else needs.
declare module '@fontsource/noto-color-emoji/index.css';

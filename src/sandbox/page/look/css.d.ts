declare module '*.css';
// The package's own declaration needs a compiler option that nothing else does.
declare module '@fontsource/noto-color-emoji/index.css';

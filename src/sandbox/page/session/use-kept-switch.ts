import { useState } from 'react';

/** A setting that is on or off, kept in this browser. */
export function useKeptSwitch(name: string): [boolean, (isOn: boolean) => void] {
  const [isOn, setIsOn] = useState(() => localStorage.getItem(name) === 'on');
  return [
    isOn,
    (next) => {
      localStorage.setItem(name, next ? 'on' : 'off');
      setIsOn(next);
    },
  ];
}

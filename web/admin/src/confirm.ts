import { element, setText } from './dom.js';

/** Asks before something is done. The safe answer has the focus, and Escape gives it. */
export function confirmed(title: string, text: string, yes: string): Promise<boolean> {
  const dialog = element<HTMLDialogElement>('confirm');
  setText(element('confirm-title'), title);
  setText(element('confirm-text'), text);
  setText(element('confirm-yes'), yes);
  dialog.returnValue = 'no';
  dialog.showModal();
  element('confirm-no').focus();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => { resolve(dialog.returnValue === 'yes'); }, { once: true });
  });
}

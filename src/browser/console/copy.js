import { say, textOf, whenShown } from './page.js';

/** Long enough to be read. */
const TOLD_MS = 2_000;

/** Puts a button beside each text that people copy. */
export function offerCopies() {
  whenShown((part) => {
    for (const element of part.querySelectorAll('[data-copy]')) {
      if (element.nextElementSibling?.classList.contains('copy') !== true) element.after(buttonFor(element));
    }
  });
}

/** @param {Element} element */
function buttonFor(element) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy quiet';
  button.textContent = textOf('copy');
  button.setAttribute('aria-label', `${textOf('copy')}: ${element.textContent}`);
  button.addEventListener('click', async () => {
    const isCopied = await copy(element);
    const told = textOf(isCopied ? 'copied' : 'uncopied');
    button.textContent = told;
    say(told);
    setTimeout(() => {
      button.textContent = textOf('copy');
      say('');
    }, TOLD_MS);
  });
  return button;
}

/**
 * Copies the text of an element, or the exact one that its attribute has as JSON: what is shown of a name with control
 * characters is not the name.
 * @param {Element} element
 */
async function copy(element) {
  const exact = element.getAttribute('data-copy');
  const text = exact ? String(JSON.parse(exact)) : (element.textContent ?? '');
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without https browsers have no clipboard for pages, or it was refused: the text is chosen, ready for the keyboard.
    getSelection()?.selectAllChildren(element);
    return false;
  }
}

// A sentence with `commands` in it, as an element shows it.

/** Commands between backticks become <code>. A sentence that did not change is left alone, or it would be read again. */
export function writeSentence(element, sentence) {
  if (element.dataset.sentence === sentence) return;
  element.dataset.sentence = sentence;
  const parts = sentence.split("`").map((text, number) => {
    if (number % 2 === 0) return text;
    const code = document.createElement("code");
    code.textContent = text;
    return code;
  });
  element.replaceChildren(...parts);
}

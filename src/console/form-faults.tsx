import { TEXTS } from './texts/texts.js';
import type { FormFault } from './visit/form.js';
import type { Page } from './visit/visit.js';

/** What is told of a form that is not taken: length and number of fields by their own statuses (RFC 9110). */
export const FORM_FAULTS: Readonly<Record<FormFault, { readonly status: number; readonly told: string }>> = {
  forged: { status: 403, told: TEXTS.forms.forged },
  unmeasured: { status: 411, told: TEXTS.forms.unmeasured },
  long: { status: 413, told: TEXTS.forms.long },
  many: { status: 413, told: TEXTS.forms.many },
};

/** The page in place of what such a form would have done. */
export function faultPage(fault: FormFault): Page {
  const { status, told } = FORM_FAULTS[fault];
  return { title: TEXTS.refused, status, body: <p>{told}</p> };
}

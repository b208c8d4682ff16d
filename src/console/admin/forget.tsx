import { counted } from '../../domain/text/counted.js';
import type { ForgottenUserJson } from '../../wire/departed.js';
import { ActForm } from '../parts/act-form.js';
import { Name } from '../parts/name.js';
import { Refusal } from '../parts/notice.js';
import { TEXTS } from '../texts/texts.js';
import { fieldOf } from '../visit/form.js';
import type { Outcome, Page, Screen, Visit } from '../visit/visit.js';
import { spaceOfApi } from './words/places.js';

const { forget: texts, held, space } = TEXTS.admin;

const PATH = '/admin/forget';

/** Deletes what is stored about a user who has left, once the name has been typed. */
export const forgetScreen: Screen = { shows: { [PATH]: showForget }, acts: { [PATH]: forget } };

async function showForget(visit: Visit): Promise<Page> {
  return pageOf(visit, visit.query.get('user') ?? '', null);
}

/** `user`: who is meant, if a link has said so; `refusal`: why nothing was deleted. */
function pageOf(visit: Visit, user: string, refusal: string | null, status = 200): Page {
  return {
    title: texts.title,
    status,
    body: (
      <>
        {refusal !== null && <Refusal detail={refusal} />}
        <p>{texts.text}</p>
        <ActForm visit={visit} action={PATH} className="card">
          <input type="hidden" name="user" value={user} />
          <label>
            {user === '' ? (
              texts.type
            ) : (
              <>
                {texts.typeOf} <Name text={user} />
              </>
            )}
            <input name="typed" autocomplete="off" autocapitalize="none" spellcheck={false} required />
          </label>
          <div class="actions">
            <button type="submit" class="bad">
              {texts.does}
            </button>
            <a href={visit.to('/admin/spaces')}>{texts.back}</a>
          </div>
        </ActForm>
      </>
    ),
  };
}

async function forget(visit: Visit, form: FormData): Promise<Outcome> {
  const user = fieldOf(form, 'user');
  const typed = fieldOf(form, 'typed');
  if (typed === '') return pageOf(visit, user, texts.empty, 400);
  if (user !== '' && typed !== user) return pageOf(visit, user, texts.differs, 400);
  const answer = await visit.ask.send<ForgottenUserJson>('DELETE', spaceOfApi(typed));
  if (!answer.isGood) return pageOf(visit, user, answer.detail, answer.status);
  return { goTo: '/admin/spaces', notice: { kind: 'done', text: forgottenText(answer.data) } };
}

export function forgottenText({ user, images, collections, syncs, tokens }: ForgottenUserJson): string {
  const parts = [
    counted(images, held.image, held.images),
    counted(collections, space.folder, space.foldersMany),
    counted(syncs, texts.sync, texts.syncs),
    counted(tokens, texts.token, texts.tokens),
  ];
  return `${texts.done} “${user}”: ${parts.join(', ')}.`;
}

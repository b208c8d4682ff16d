import { expect, describe as group, test } from 'vitest';
import { createNotes } from '../../../src/ovf/descriptor/notes.js';
import { readDescriptor } from '../../../src/ovf/read-descriptor.js';
import { sampleOvf } from '../../support/ovf/sample.js';

group('a text among the strings', () => {
  test.each([
    ['is not there', ''],
    ['is empty', '<Msg ovf:msgid="n"> </Msg>'],
  ])('that %s in the language of the envelope is taken from English, then from the first', (_, entry) => {
    const strings = `<Strings xml:lang="it"><Msg ovf:msgid="n">Rete</Msg><Msg ovf:msgid="p">Prodotto</Msg></Strings>
      <Strings xml:lang="de">${entry}</Strings><Strings xml:lang="en"><Msg ovf:msgid="n">Web</Msg></Strings></Envelope>`;
    const text = sampleOvf({ inSystem: '<ProductSection><Product ovf:msgid="p"/></ProductSection>' })
      .replace('<Name>Web</Name>', '<Name ovf:msgid="n"/>')
      .replace('</Envelope>', strings)
      .replace('<Envelope ', '<Envelope xml:lang="de" ');
    expect(readDescriptor(Buffer.from(text), createNotes())).toMatchObject({
      descriptor: { name: 'Web', product: 'Prodotto' },
    });
  });
});

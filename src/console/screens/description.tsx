import type { Child } from 'hono/jsx';
import { printable } from '../../domain/text/printable.js';
import type { DescriptionJson, OsJson } from '../../wire/description.js';
import { Facts } from '../parts/facts.js';
import { Machine } from '../parts/machine.js';
import { Name } from '../parts/name.js';
import { Size } from '../parts/size.js';
import { Table } from '../parts/table.js';
import { TEXTS } from '../texts/texts.js';

const { image: texts } = TEXTS;

/** What the descriptor of an image says. */
export function Description({ ovf }: { readonly ovf: DescriptionJson }) {
  return (
    <>
      <section class="card">
        <h2>{texts.about}</h2>
        <Facts facts={factsOf(ovf)} />
      </section>
      <Systems ovf={ovf} />
      <Properties ovf={ovf} />
      <Files ovf={ovf} />
    </>
  );
}

function factsOf(ovf: DescriptionJson): readonly (readonly [string, Child | null])[] {
  const { disks } = ovf;
  const hardware = { ...ovf, disk_count: disks.count, capacity_bytes: disks.capacity_bytes };
  const configurations = ovf.configurations.map(({ id, label }) =>
    id === ovf.default_configuration ? `${label ?? id} (${texts.default})` : (label ?? id),
  );
  return [
    [texts.product, nameOrNull(ovf.product ?? ovf.name)],
    [texts.vendor, nameOrNull(ovf.vendor)],
    [texts.version, nameOrNull(ovf.full_version ?? ovf.version)],
    [texts.os, ovf.os === null ? null : <Os os={ovf.os} family={ovf.os.family} />],
    [texts.machine, <Machine hardware={hardware} />],
    [texts.firmware, firmwareOf(ovf)],
    [texts.hardware, namesOrNull(ovf.hardware)],
    [texts.networks, namesOrNull(ovf.networks)],
    [texts.configurations, namesOrNull(configurations)],
    [texts.download, ovf.download_bytes === null ? null : <Size bytes={ovf.download_bytes} />],
    [texts.licence, ovf.has_eula ? texts.mustAccept : null],
    [texts.note, ovf.annotation === null ? null : <span class="note">{printable(ovf.annotation)}</span>],
  ];
}

function firmwareOf({ firmware, secure_boot: isSecure }: DescriptionJson): Child | null {
  if (firmware === null) return null;
  return isSecure === true ? `${printable(firmware)}, ${texts.secureBoot}` : printable(firmware);
}

function nameOrNull(text: string | null): Child | null {
  return text === null || text === '' ? null : <Text text={text} />;
}

function namesOrNull(texts: readonly string[]): Child | null {
  if (texts.length === 0) return null;
  return texts.map((text, at) => (
    <>
      {at > 0 && ', '}
      <Text text={text} />
    </>
  ));
}

/** A text of a descriptor. */
function Text({ text }: { readonly text: string }) {
  return <bdi>{printable(text)}</bdi>;
}

function Os({ os, family }: { readonly os: OsJson; readonly family: string | null }) {
  const exact = os.description ?? os.vmw_os_type ?? os.vbox_os_type;
  const version = os.version === null ? '' : ` ${os.version}`;
  if (exact === null) return <span>{family ?? '–'}</span>;
  return (
    <span>
      <Text text={exact + version} />
      {family !== null && ` (${family})`}
    </span>
  );
}

/** The machines, if there are several. */
function Systems({ ovf: { systems } }: { readonly ovf: DescriptionJson }) {
  if (systems.length < 2) return null;
  return (
    <section>
      <h2>{texts.systems}</h2>
      <Table
        caption={texts.systems}
        rows={systems}
        columns={[
          { title: texts.system.name, cell: ({ name, id }) => <Name text={name ?? id ?? '–'} /> },
          {
            title: texts.system.hardware,
            cell: (system) => <Machine hardware={{ ...system, disk_count: system.disks, capacity_bytes: null }} />,
          },
          { title: texts.system.os, cell: ({ os }) => (os === null ? '–' : <Os os={os} family={null} />) },
        ]}
      />
    </section>
  );
}

function Properties({ ovf: { properties } }: { readonly ovf: DescriptionJson }) {
  if (properties.length === 0) return null;
  const { key, label, type, value, fixed, secret } = texts.property;
  return (
    <section>
      <h2>{texts.properties}</h2>
      <Table
        caption={texts.properties}
        rows={properties}
        columns={[
          {
            title: key,
            cell: (property) => (
              <>
                <Name text={property.key} />
                {!property.user_configurable && <span class="sub">{fixed}</span>}
              </>
            ),
          },
          { title: label, cell: (property) => (property.label === null ? '–' : <Text text={property.label} />) },
          { title: type, cell: (property) => (property.type === null ? '–' : <Text text={property.type} />) },
          {
            title: value,
            cell: (property) => {
              if (property.password) return <span class="muted">{secret}</span>;
              return property.default === null || property.default === '' ? '–' : <Name text={property.default} />;
            },
          },
        ]}
      />
    </section>
  );
}

function Files({ ovf: { files } }: { readonly ovf: DescriptionJson }) {
  if (files.length === 0) return null;
  const { name, size, compression } = texts.file;
  return (
    <section>
      <h2>{texts.files}</h2>
      <Table
        caption={texts.files}
        rows={files}
        columns={[
          { title: name, cell: ({ href }) => <Name text={href} /> },
          { title: size, isNumber: true, cell: (file) => <Size bytes={file.size} /> },
          { title: compression, cell: (file) => (file.compression === null ? '–' : <Text text={file.compression} />) },
        ]}
      />
    </section>
  );
}

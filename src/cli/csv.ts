/** A table as RFC 4180 has it; every cell is quoted, so that no program takes one for anything else. */
export function renderCsv(rows: readonly (readonly (string | number | null)[])[]): string {
  const quoted = (cell: string | number | null) => `"${String(cell ?? '').replaceAll('"', '""')}"`;
  return rows.map((row) => row.map(quoted).join(',')).join('\r\n');
}

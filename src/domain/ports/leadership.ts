/** The right to decide for all hosts of an index: which spaces there are, and when they are due. */
export interface Lead {
  readonly holder: string;
  /** A fencing token: what is written in a term is refused once somebody else has led. */
  readonly term: number;
}

/** One of the processes that share an index leads the others. */
export interface Leadership {
  /** Whether other hosts may lead; otherwise whoever stands does. */
  readonly isShared: boolean;
  /** Takes the lead, or keeps it, for `leaseMs` from now; null while somebody else has it. */
  stand(holder: string, leaseMs: number): Promise<Lead | null>;
  /** Gives the lead back, so that the next one need not wait for the end of the lease; without effect if it is lost. */
  resign(lead: Lead): Promise<void>;
}

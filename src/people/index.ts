export { type Actor, SYSTEM, type Via } from "#people/actor.ts"
export type { AuditEntry, AuditHead, AuditOutcome, AuditVerdict } from "#people/audit.ts"
export { type ConsentRow, type Named, whyNotInTheNameOf } from "#people/consent.ts"
export { isHost, MOST_HOSTS } from "#people/hosts.ts"
export type { ConsentId, GrantId, GroupId, InviteId, NotebookId, PersonId, SpaceId, TokenId } from "#people/ids.ts"
export type { Policy, SingleSignOnPolicy } from "#people/policy.ts"
export type { Checkpoints, Claims, Client, IdentityProvider, Passwords, PeopleWorld } from "#people/ports.ts"
export type { PeopleRefusal, PeopleRefused } from "#people/refusal.ts"
export { type Action, ROLES, type Role, SCOPES, type Scope, type Thing } from "#people/roles.ts"
export { type AllowedHost, allowedHosts, allowHost, disallowHost } from "#people/sql/allowed-hosts.ts"
export { audit } from "#people/sql/audit.ts"
export { type AuditQuery, type AuditView, checkpointAudit, listAudit, verifyAudit } from "#people/sql/audit-read.ts"
export { consentTo, giveConsent, isAnyConsent, namedPerson, revokeConsents, whyConsentEnded } from "#people/sql/consents.ts"
export { consoleToken } from "#people/sql/console-token.ts"
export { type Editor, editorsOf } from "#people/sql/editors.ts"
export { administratorLogins, firstRunLink, signInLink, useSignInLink } from "#people/sql/first-run.ts"
export { type GrantView, grant, listGrants, revokeGrant } from "#people/sql/grants.ts"
export {
  addMember,
  changeGroup,
  createGroup,
  type GroupView,
  listGroups,
  listMembers,
  type MemberView,
  removeGroup,
  removeMember,
} from "#people/sql/groups.ts"
export { type Holdings, handOverAll, holdings } from "#people/sql/holdings.ts"
export { acceptInvite, type InviteView, invite, joinByInvite, listInvites, previewInvite, withdrawInvite } from "#people/sql/invites.ts"
export { fewPlaces, inPlaces, mayList, type Places, type ThingColumns } from "#people/sql/listed.ts"
export { countUnread, listNotices, markRead, type Notice, type NoticeKind, type NoticeView, notify, settleNotices } from "#people/sql/notices.ts"
export { changePassword, resetLink, useResetLink } from "#people/sql/passwords.ts"
export { changePerson, createService, disablePerson, enablePerson, getPerson, listPeople, type PersonView } from "#people/sql/people.ts"
export { type Began, endOtherSessions, endSession, listSessions, type SessionView, sessionActor } from "#people/sql/sessions.ts"
export { signIn, signOut } from "#people/sql/sign-in.ts"
export { beginSingleSignOn, finishSingleSignOn } from "#people/sql/single-sign-on.ts"
export { can, canPlatform, type Fetched, standingColumn, type Verdict, verdict, verdictFrom } from "#people/sql/standing.ts"
export { sweepPeople } from "#people/sql/sweep.ts"
export { PEOPLE_CHANNEL } from "#people/sql/tell.ts"
export { createToken, listTokens, type Minted, revokeToken, type TokenView, tokenActor } from "#people/sql/tokens.ts"

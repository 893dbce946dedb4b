import type { Place } from './node-reader.ts';
import type { MemberEntry } from './teams-file.ts';
import type { ProblemReport } from './yaml-tree.ts';

/** Gives every member the W&B user name of the person, once the whole file has been read. */
export interface Usernames {
  register(member: MemberEntry, stated: string | undefined, place: Place): void;
  settle(): void;
}

interface Person {
  members: MemberEntry[];
  stated: { username: string; offset: number } | undefined;
  place: Place;
}

/**
 * A user name belongs to a person, not to a membership: stated once, it holds in every team; stated differently, or shared
 * by two people, it would attribute runs to the wrong person, so both are problems. Not stated, it is the address up to
 * the `@`.
 */
export function createUsernames(report: ProblemReport): Usernames {
  const people = new Map<string, Person>();
  return {
    register(member, stated, place) {
      const person = people.get(member.email) ?? {
        members: [],
        stated: undefined,
        place,
      };
      people.set(member.email, person);
      person.members.push(member);
      if (stated === undefined) return;
      if (person.stated === undefined) {
        person.stated = { username: stated, offset: place.offset };
        person.place = place;
      } else if (person.stated.username !== stated) {
        const line = report.lineOf(person.stated.offset);
        report.add(place.offset, place.path, `This person has another user name on line ${line}.`);
      }
    },
    settle() {
      const owners = new Map<string, Person>();
      for (const [email, person] of people) {
        const username = person.stated?.username ?? email.slice(0, email.indexOf('@'));
        for (const member of person.members) member.username = username;
        const owner = owners.get(username);
        if (owner === undefined) {
          owners.set(username, person);
          continue;
        }
        const line = report.lineOf(owner.place.offset);
        report.add(
          person.place.offset,
          person.place.path,
          `The person on line ${line} has the same W&B user name: state the right one with "username".`,
        );
      }
    },
  };
}

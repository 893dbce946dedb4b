import { change, createAndShow, createFederated, rotate, visitFirst } from './tour/accounts.ts';
import { leak, nearlyMatch, reportMessages } from './tour/dangers.ts';
import { endRotation, grow, leave } from './tour/months.ts';
import { audit, checkJwt, manageTeams } from './tour/organization.ts';
import { deny, request, requestInVain, requestUrgently, seeLapsed } from './tour/requests.ts';
import { startTour } from './tour/tour.ts';

/*
 * `npm run screenshots:tour -- FOLDER`: takes a screenshot of each surface in the life of an account, in light, dark and
 * on a phone, for a person to look at. Months pass while it runs.
 */

const [folder = 'screenshots'] = process.argv.slice(2);
const tour = await startTour(folder);
try {
  await visitFirst(tour);
  const keys = await createAndShow(tour);
  await createFederated(tour);
  await change(tour);
  await rotate(tour);
  await request(tour);
  await deny(tour);
  await checkJwt(tour);
  await manageTeams(tour);
  await audit(tour);
  await nearlyMatch(tour, keys);
  await reportMessages(tour, keys);
  await leak(tour, keys);
  await requestUrgently(tour);
  await requestInVain(tour);
  await leave(tour);
  await endRotation(tour, keys);
  await seeLapsed(tour);
  await grow(tour);
} finally {
  await tour.stop();
}

"""Texts and their sentences: each row is one text, with a bar where a sentence ends before another one."""

from __future__ import annotations

from typing import Final

_ROWS: Final = r"""
He served in the U.S. Army.| Then he left.
The U.S. is large.| Canada is larger.
She moved to the U.S.| He stayed in Rome.
We meet at 5 p.m. tomorrow.| Do not be late.
It opens at 9 a.m. on Monday.
The shop closed at 6 p.m.| They went home.
The train leaves at 5 p.m. Monday from platform two.
On Feb. 3 we sailed.| It snowed.
The card, exp. 09/27, is new.| It works.
See R. Civ. P. 12 on this.| It applies.
They married on Sept. 12, 1990.
It rained all through Jan.| In spring we came back.
She has a Ph.D. in physics.| He has none.
Read vol. II of it.| Then vol. IV.
We know that 5! = 120 is right.| It rose to 5!| I know.
Go to 1600 Pennsylvania Ave. NW.| He lives on Fifth Ave.| She does not.
Our dentist, John Hale, M.D., is away.
Apple Inc. reported a profit.| Its rivals did not.
He works for Smith & Co. in Leeds.
Bell Labs Ltd. and Gray Corp. agreed.
The firm was sold to Acme Inc.| The price is not known.
Symphony No. 10 was never finished.| No. 9 was.
Did you see it?| No.| I did not.
He said no.| Ten people heard it.
Gen. Lee met Lt. Col. Brown.| They talked.
Sen. Smith and Gov. Jones voted.| Rep. Hall did not.
Rev. Martin Luther King Jr. spoke.| We listened.
Fruit, e.g. apples, is good.| Eat it.
That is, i.e. tomorrow, we go.
Bring cups, plates, etc. and sit down.
Bring cups, plates, etc.| We will sit outside.
J. R. R. Tolkien wrote it.| C. S. Lewis read it.
It was George W. Bush.| He waved.
So do I.| Good.
Tell me who won World War I.| Nobody did.
It was plan B.| We had no plan C.
Ali vs. Frazier was long.| Nobody slept.
They drove to St. Louis.| It was hot.
She lives on Main St.| He lives on Oak Ave.| They are happy.
They climbed Mt. Everest and saw Ft. Knox.
Pi is about 3.14159.| Two is 2.0 exactly.
It costs $5.50.| That is too much.
Version 2.0.1 is out.| Get it.
Write to a.b@example.com or see www.example.com.| Thanks.
Well...| I do not know.
I... don't know.| Maybe.
Wait… what?| Yes.
He was… gone.| “Come back…”| Nobody came.
“Stop!” he cried.| Nobody did.
“Why?” she asked.| “Because.”
He said “No.”| Then he left.
She said, "I am tired."| "So am I."
(He was late.)| We waited.
He was late (as usual).| We waited.
Really?!| Yes!!| No...!| Good.
What?!?| Never.
Is it Mr. Brown?| It is Mrs. Brown.| No, Ms. Green.
Dr. Who met Prof. Plum at approx. noon.
See Fig. 3 and Vol. 2, pp. 4 to 9.| Then Ch. 5.
1. Open the door.| 2. Close it.
i am sad. | why me?| ok.
She is five ft. tall.| He is six.
Washington, D.C. is the capital.| It is not a state.
Washington, D.C.| The capital is small.
He came home Mon. and left Tues.| On Wed. he rested.
The N.B.A. game ended.| Everyone left.
At 5:30 p.m. EST the show began.
Yes.| And then?| Nothing.
One line\nstill one sentence.| Next.
The first paragraph\n\n|the second one
The U.K. and E.U. signed.| It took years.
'It works.'| 'Does it?'
I met Mme. Curie and M. Sartre.| Both smoked.
Capt. Ahab, Sgt. Pepper and Adm. Nelson set sail.
The est. cost is two dollars per sq. ft. of floor.
你好。|我很好！|你呢？
“你好。”|“再见！”
他问：“你是谁？”|我没有回答。
“快跑！”他喊道。|没人动。
今天3.5度。|明天呢？
真的吗？！|是的！！
我……不知道。|也许吧。
他说：「走吧。」|然后走了。
（他迟到了。）|我们等着。
我喜欢 U.S. 的音乐。|你呢？
Dr. Adams works at St. Mary's Hospital.| Her office is on Elm St.
The U.N. Security Council met at 10 a.m. in New York.
Is Sgt. Major Hill here?| Yes, sir.
He was born on Jan. 5, 1899, in Ft. Wayne.
We paid approx. 20 dollars.| It was fine.
The company, Hale Bros. & Co., closed.
She earned a B.A. in 1990 and an M.B.A. later.| Now she teaches.
The meeting is at 3 p.m.| We should go.
The answer is on p. 42.| Read it.
I met Lt. Gen. Park and Prof. Ito.
"Help!" they shouted. | "Is anybody there?"
Hmm... maybe.| Or not.
Come in.| Ann is here.
He looked at the sun.| Birds sang.
She sat.| Nobody else did.
Mr. and Mrs. Hill left early.| Pity.
This is Ms. O'Neil.| She is new.
Have you read Vol. 3?| No, only Vol. 1.
A. A. Milne and E. B. White wrote for children.
The U.S. Senate voted.| The E.U. did not.
He cried, “Run!”| They ran.
I saw him (he was alone). | He waved.
She weighs 120 lbs. and runs.| He weighs 180 lbs.| He walks.
The rate rose 2.5 percent.| Sales fell 0.3 percent.
John F. Kennedy spoke to Gov. Brown at 9:15 a.m. on Tues. morning.
Try it, i.e. press the button.| It works.
It is on the corner of Pine Rd. and Lake Blvd.| You cannot miss it.
No!| Stop.| Please.
Will Mr. T. come?| I doubt it.
他今年三十岁。|他住在北京。
你去哪儿？|我去学校！
It is 5 km. away.| We walk.
He ran 5 km.| Then he slept.
It took 10min. to boil.| It was hot.
""".strip("\n")

TEXTS: Final = [row.replace("\\n", "\n") for row in _ROWS.split("\n")]
